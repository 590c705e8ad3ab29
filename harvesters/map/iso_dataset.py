"""From a geographic record to a dataset: what INSPIRE asks of a record is what we keep of it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harvesters.map.iso import (
    addresses_at,
    code_at,
    codes_at,
    each_at,
    identification,
    language_of,
    text_at,
    texts_at,
)
from harvesters.map.iso_place import communes_of, extent_of, period_of
from harvesters.map.level import Level, level_of, say_level
from harvesters.map.online import MAP_SERVICES, Online, page_of_record, to_resources
from harvesters.map.party import Party, contact_of, publisher_of
from harvesters.map.rights import conditions_in, licence_in
from harvesters.map.text import MAX_TEXT, clean_date, clean_tags, clean_text, clean_title, one_line
from harvesters.map.words import frequency_of, themes_of, told_of_licence
from harvesters.map.xml import Element
from harvesters.model import Dataset, Issue, Record, Resource
from schemas.values import to_web_address

LEVEL = ("hierarchyLevel/MD_ScopeCode", "metadataScope/MD_MetadataScope/resourceScope/MD_ScopeCode")
SCALE = "spatialResolution/MD_Resolution/equivalentScale/MD_RepresentativeFraction/denominator"
CRS = "referenceSystemInfo/MD_ReferenceSystem/referenceSystemIdentifier/*/code"
FREQUENCY = "resourceMaintenance/*/maintenanceAndUpdateFrequency/*"
LINEAGE = (
    "dataQualityInfo/DQ_DataQuality/lineage/LI_Lineage/statement",
    "resourceLineage/LI_Lineage/statement",
)
RIGHTS = ("useLimitation", "otherConstraints", "reference/CI_Citation/title")
# thesauri whose words classify the record, not what it is about
CLASSES = re.compile(
    r"SpatialScope|SpatialDataServiceCategory|PriorityDataset|champ g[ée]ographique"
    r"|classification of spatial data services|1205/2008|priority data ?set",
    re.I,
)
INSPIRE = re.compile(r"inspire themes|th[èe]mes inspire", re.I)
SERVED = ("operatesOn", "coupledResource/SV_CoupledResource")


def to_dataset(root: Element, record: Record, page: str = "") -> Dataset | Issue:
    """Map a record, `root` as `read_iso` gives it; `page` shows it when it names no page itself.

    Levels that are no data answer an issue that says what they are (`harvesters.map.level`).
    """
    about, where = identification(root), record.where
    title, cut = clean_title(text_at(about, "citation/*/title"), where)
    if not title:
        return Issue("TER-VAL-003", where)
    level = code_at(root, *LEVEL)
    resources, bad_links = to_resources(_onlines(root, about), title)
    if _is_left_out(level, about, resources):
        return Issue("TER-VAL-062", where, title, say_level(level))
    licence, label = licence_in(*_rights(about))
    issued, modified, bad_dates = _dates(about, title)
    spatial, bad_place = extent_of(about, title)
    start, end, bad_period = period_of(about, title)
    parties = _parties(root, about)
    contact_name, contact_email = contact_of(parties)
    notes, cleaned = clean_text(_description(root, about), title)
    return Dataset(
        remote_id=record.remote_id,
        title=title,
        description=notes,
        licence=licence,
        licence_label=label,
        themes=_themes(about),
        tags=clean_tags(_keywords(about)),
        frequency=frequency_of(code_at(about, FREQUENCY)),
        issued=issued,
        modified=modified,
        temporal_start=start,
        temporal_end=end,
        spatial=spatial,
        publisher=one_line(publisher_of(parties)),
        contact_name=one_line(contact_name),
        contact_email=contact_email,
        language=language_of(root),
        landing_page=_page(root) or page,
        upstream_uri=_upstream_uri(about),
        resources=resources,
        properties=_facts(root, about, level),
        issues=(
            *(cut + cleaned + bad_dates + bad_place + bad_period + bad_links),
            *(told_of_licence(label, title) if licence == "notspecified" else ()),
        ),
    )


def _is_left_out(level: str, about: Element, resources: tuple[Resource, ...]) -> bool:
    """Keep data, and a service that names no data but gives layers to read."""
    kind = Level.SERVICE if about.tag == "SV_ServiceIdentification" else level_of(level)
    if kind is Level.SERVICE:
        has_data = any(True for _ in each_at(about, *SERVED))
        return has_data or not any(resource.format in MAP_SERVICES for resource in resources)
    return kind is Level.OTHER


def _description(root: Element, about: Element) -> str:
    """The abstract, then where the data come from and what to know before using them."""
    texts, _ = _rights(about)
    parts = [text_at(about, "abstract")]
    lineage = text_at(root, *LINEAGE)
    if lineage and lineage not in parts[0]:
        parts.append(f"### Origine des données\n\n{lineage}")
    conditions = conditions_in(texts)
    if conditions:
        parts.append("### Conditions d’utilisation\n\n" + "\n\n".join(conditions))
    return "\n\n".join(part for part in parts if part)[: MAX_TEXT * 2]


def _rights(about: Element) -> tuple[list[str], list[str]]:
    """The sentences on the use of the data, and the addresses that they lead to."""
    texts, addresses = [], []
    for constraints in each_at(about, "resourceConstraints/*"):
        for path in RIGHTS:
            texts += texts_at(constraints, path)
            addresses += addresses_at(constraints, path)
        addresses += texts_at(constraints, "reference/*/onlineResource/*/linkage")
    return texts, addresses


def _dates(about: Element, title: str) -> tuple[str, str, tuple[Issue, ...]]:
    """The day of publication, else of creation, and the last revision."""
    told: dict[str, list[str]] = {}
    issues: tuple[Issue, ...] = ()
    for dated in each_at(about, "citation/*/date/CI_Date"):
        kind = code_at(dated, "dateType/CI_DateTypeCode")
        day, bad = clean_date(text_at(dated, "date"), title)
        issues += bad
        if day:
            told.setdefault(kind, []).append(day)
    first = told.get("publication") or told.get("released") or told.get("creation") or [""]
    last = told.get("revision") or told.get("lastUpdate") or told.get("lastRevision") or [""]
    return min(first), max(last), issues


def _themes(about: Element) -> tuple[str, ...]:
    """The themes of INSPIRE and the topic categories; free keywords serve when these say none."""
    codes = codes_at(about, "topicCategory/MD_TopicCategoryCode")
    free: list[str] = []
    for group in each_at(about, "descriptiveKeywords/MD_Keywords"):
        words = addresses_at(group, "keyword") + texts_at(group, "keyword")
        names = texts_at(group, "thesaurusName/*/title")
        (codes if any(INSPIRE.search(name) for name in names) else free).extend(words)
    return themes_of(codes) or themes_of(free)


def _keywords(about: Element) -> list[str]:
    """The words a reader may search: a place loses the code that follows its star."""
    found: list[str] = []
    for group in each_at(about, "descriptiveKeywords/MD_Keywords"):
        names = [*texts_at(group, "thesaurusName/*/title"), *addresses_at(group, "keyword")]
        if not any(CLASSES.search(name) for name in names):
            found += [re.sub(r"\*\d{5}$", "", word) for word in texts_at(group, "keyword")]
    seen: dict[str, str] = {}
    for word in found:
        seen.setdefault(word.casefold(), word)
    return list(seen.values())


def _parties(root: Element, about: Element) -> list[Party]:
    """Those who answer for the data, then for the record, in both norms."""
    found = []
    owners = [*each_at(about, "pointOfContact/*", "citation/*/citedResponsibleParty/*")]
    for party in [*owners, *each_at(root, "contact/*")]:
        found.append(
            Party(
                organisation=text_at(party, "organisationName", "party/CI_Organisation/name"),
                person=text_at(party, "individualName", ".//CI_Individual/name"),
                mail=text_at(party, ".//electronicMailAddress"),
                role=code_at(party, "role/CI_RoleCode"),
            )
        )
    return found


def _onlines(root: Element, about: Element) -> list[Online]:
    """The links of the distribution; those of the operations when a service gives no other."""
    formats = texts_at(root, "distributionInfo/*//MD_Format/name") + texts_at(
        root, "distributionInfo/*//MD_Format/formatSpecificationCitation/*/title"
    )
    container = formats[0] if len(set(formats)) == 1 else ""
    found = []
    for transfer in each_at(root, "distributionInfo//MD_DigitalTransferOptions"):
        group = text_at(transfer, "unitsOfDistribution")
        found += [_online(each, container, group) for each in each_at(transfer, "onLine/*")]
    operations = each_at(about, "containsOperations/*/connectPoint/*")
    return found or [_online(each, container, "") for each in operations]


def _online(link: Element, container: str, group: str) -> Online:
    anchors: Iterable[str] = addresses_at(link, "protocol")
    return Online(
        url=text_at(link, "linkage"),
        protocol=" ".join([text_at(link, "protocol"), *anchors]).strip(),
        name=text_at(link, "name"),
        description=text_at(link, "description"),
        function=code_at(link, "function/CI_OnLineFunctionCode"),
        container=container,
        group=group,
    )


def _page(root: Element) -> str:
    """The page of the record that it names itself."""
    own = text_at(root, "metadataLinkage/*/linkage", "dataSetURI")
    return to_web_address(own) or page_of_record(_onlines(root, None))


def _upstream_uri(about: Element) -> str:
    """The identifier of the data when it is one for everybody: an address, or a code in one."""
    for found in each_at(about, "citation/*/identifier/*"):
        code, space = text_at(found, "code"), text_at(found, "codeSpace")
        uri = f"{space.rstrip('/')}/{code}" if to_web_address(space) else code
        if to_web_address(uri):
            return one_line(uri, 1000)
    return ""


def _facts(root: Element, about: Element, level: str) -> tuple[tuple[str, str], ...]:
    """The level, the scale, the coordinate systems and the INSEE codes, flat.

    The codes are no `communes` of the dataset: a regional catalogue names towns of other
    territories, and the form refuses a dataset for one of them.
    """
    scales = [text for text in texts_at(about, SCALE) if text.isdigit()]
    systems = dict.fromkeys(one_line(code, 80) for code in texts_at(root, CRS))
    told = (
        ("iso_level", level),
        ("iso_scale", f"1:{min(scales, key=int)}" if scales else ""),
        ("iso_systems", ", ".join(systems)[:300]),
        ("iso_communes", " ".join(communes_of(about)[:50])),
    )
    return tuple((key, value) for key, value in told if value)

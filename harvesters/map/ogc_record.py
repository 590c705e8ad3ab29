"""From a record of OGC API – Records (GeoJSON) to a dataset.

Input: `id geometry time links`, and in `properties` `type title description keywords themes
contacts license formats language created updated`; the drafts say `associations`, `providers` and
`extent`.
Source: OGC 20-004r1, OGC API – Records, Part 1: Core; the drafts that pygeoapi still follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harvesters.map.answer import an_object, objects
from harvesters.map.level import Level, level_of, say_level
from harvesters.map.online import MAP_SERVICES, Online, to_resources
from harvesters.map.party import Party, contact_of, publisher_of
from harvesters.map.rights import licence_in
from harvesters.map.text import clean_date, clean_tags, clean_text, clean_title, one_line
from harvesters.map.words import frequency_of, themes_of, told_of_licence
from harvesters.model import Dataset, Issue, Record
from schemas.geometry import to_geometry
from schemas.values import to_web_address

# links about the record, its page or its neighbours, not to the data
NOT_DATA = frozenset(
    "self alternate canonical collection root parent prev previous next first last up icon "
    "thumbnail preview license describedby about via conformance search create-form edit "
    "service-desc service-meta profile item-of".split()
)
PAGES = ("canonical", "about", "alternate", "describedby")
FRENCH = ("fr", "fra", "fre")


def to_dataset(record: Record, page: str) -> Dataset | Issue:
    """Map a record; `page` shows it to people when the record names no page of its own."""
    about = an_object(record.payload.get("properties"))
    title, cut = clean_title(about.get("title"), record.where)
    if not title:
        return Issue("TER-VAL-003", record.where)
    resources, bad_links = to_resources(_onlines(record.payload, about), title)
    level = str(about.get("type") or "")
    is_read = any(resource.format in MAP_SERVICES for resource in resources)
    if level_of(level) is Level.OTHER or (level_of(level) is Level.SERVICE and not is_read):
        return Issue("TER-VAL-062", record.where, title, say_level(level))
    licence, label = licence_in(*_rights(record.payload, about))
    notes, cleaned = clean_text(about.get("description"), title)
    issued, bad_issued = clean_date(about.get("created"), title)
    modified, bad_modified = clean_date(about.get("updated"), title)
    begin, end = _period(record.payload, about)
    parties = _parties(about)
    contact_name, contact_email = contact_of(parties)
    untold = told_of_licence(label, title) if licence == "notspecified" else ()
    return Dataset(
        remote_id=record.remote_id,
        title=title,
        description=notes,
        licence=licence,
        licence_label=label,
        themes=themes_of(_concepts(about)) or themes_of(_keywords(about)),
        tags=clean_tags(_keywords(about)),
        frequency=frequency_of(
            str(about.get("accrualPeriodicity") or about.get("frequency") or "")
        ),
        issued=issued,
        modified=modified,
        temporal_start=clean_date(begin, title)[0],
        temporal_end=clean_date(end, title)[0],
        spatial=to_geometry(record.payload.get("geometry")) or "",
        publisher=one_line(publisher_of(parties)),
        contact_name=one_line(contact_name),
        contact_email=contact_email,
        language=_language(about),
        landing_page=_own_page(record.payload) or page,
        upstream_uri=_upstream_uri(about),
        resources=resources,
        issues=cut + cleaned + bad_issued + bad_modified + bad_links + untold,
    )


def _onlines(payload: Mapping[str, Any], about: Mapping[str, Any]) -> list[Online]:
    """The links to the data, those of drafts (`associations`) included."""
    formats = [one_line(an_object(f).get("name") or f, 60) for f in _list(about.get("formats"))]
    container = formats[0] if len(formats) == 1 else ""
    links = [*objects(payload.get("links")), *objects(about.get("associations"))]
    return [
        Online(
            url=str(link.get("href") or ""),
            protocol=one_line(link.get("protocol"), 200),
            name=one_line(link.get("title") or link.get("name")),
            description=str(link.get("description") or ""),
            function="download" if link.get("rel") == "enclosure" else "",
            media_type=one_line(link.get("type"), 100),
            container=container,
        )
        for link in links
        if str(link.get("rel") or "item").lower() not in NOT_DATA
    ]


def _rights(payload: Mapping[str, Any], about: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The licence by its code or address, by a link to its text, then the sentence on rights."""
    links = [link for link in objects(payload.get("links")) if link.get("rel") == "license"]
    texts = [about.get("license"), about.get("rights"), *(link.get("title") for link in links)]
    addresses = [about.get("license"), *(link.get("href") for link in links)]
    return [t for t in texts if isinstance(t, str)], [a for a in addresses if isinstance(a, str)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _keywords(about: Mapping[str, Any]) -> list[str]:
    return [word for word in _list(about.get("keywords")) if isinstance(word, str)]


def _concepts(about: Mapping[str, Any]) -> list[str]:
    """The concepts of the themes, by address, by identifier and by title."""
    return [
        str(word)
        for theme in objects(about.get("themes"))
        for concept in _list(theme.get("concepts"))
        for word in (
            [concept.get(key) for key in ("url", "id", "title")]
            if isinstance(concept, dict)
            else [concept]
        )
        if isinstance(word, str)
    ]


def _parties(about: Mapping[str, Any]) -> list[Party]:
    """One party for each role of each contact; drafts name them `providers`."""
    found = []
    for each in [*objects(about.get("contacts")), *objects(about.get("providers"))]:
        mails = _list(each.get("emails")) or [each.get("email")]
        mail = next((an_object(m).get("value") or m for m in mails if m), "")
        roles = [
            r if isinstance(r, str) else an_object(r).get("name") for r in _list(each.get("roles"))
        ]
        organisation, person = one_line(each.get("organization")), one_line(each.get("name"))
        if not organisation and not each.get("position"):
            organisation, person = person, ""
        found += [
            Party(organisation, person, mail if isinstance(mail, str) else "", str(role or ""))
            for role in roles or [""]
        ]
    return found


def _period(payload: Mapping[str, Any], about: Mapping[str, Any]) -> tuple[str, str]:
    """The first and the last day: `..` is an open end."""
    told = an_object(payload.get("time") or about.get("time"))
    single = told.get("date") or told.get("timestamp")
    extent = an_object(an_object(about.get("extent")).get("temporal")).get("interval")
    nested = next(iter(_list(extent)), extent)
    interval = _list(told.get("interval")) or _list(nested) or [single, single]
    ends = [str(day) if day and day != ".." else "" for day in interval[:2]]
    return (ends[0], ends[1]) if len(ends) == 2 else ("", "")


def _language(about: Mapping[str, Any]) -> str:
    """The language of the data, else of the record: a code, or an object with one."""
    told = next(iter(_list(about.get("resourceLanguages"))), None) or about.get("language")
    code = one_line(an_object(told).get("code") or (told if isinstance(told, str) else ""), 20)
    return "fr" if code.lower().split("-")[0] in FRENCH else code.lower()


def _upstream_uri(about: Mapping[str, Any]) -> str:
    """The first identifier of the data that is an address."""
    for found in [*objects(about.get("externalIds")), *objects(about.get("externalId"))]:
        value = str(found.get("value") or "")
        if to_web_address(value):
            return one_line(value, 1000)
    return ""


def _own_page(payload: Mapping[str, Any]) -> str:
    """The page of the record that it names itself."""
    for rel in PAGES:
        for link in objects(payload.get("links")):
            url = to_web_address(str(link.get("href") or ""))
            if url and link.get("rel") == rel and "html" in str(link.get("type") or ""):
                return url
    return ""

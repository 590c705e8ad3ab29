"""From a dataset of a DCAT catalogue to ours; the same words serve GeoDCAT-AP and DCAT-AP 2 and 3.

Input: the tree of `harvesters.rdf.tree`. What ckanext-dcat reads with its DCAT-AP profiles is read
the same way; where ours says more, `tests/ckan/test_dcat_mapping.py` says why.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

from harvesters.map.dcat_files import resources_of
from harvesters.map.dcat_place import communes_of, period_of, place_of
from harvesters.map.rights import licence_in
from harvesters.map.text import clean_date, clean_tags, clean_text, clean_title, one_line
from harvesters.map.words import frequency_of, themes_of, told_of_licence
from harvesters.model import Dataset, Issue, Record
from harvesters.rdf.values import (
    Tree,
    address_of,
    french,
    is_french,
    label_of,
    language_of,
    nodes,
    text_of,
    told,
    values,
)
from schemas.values import to_email, to_web_address

LANGUAGES = {"fra": "fr", "fre": "fr", "eng": "en", "deu": "de", "ger": "de", "spa": "es",
             "ita": "it", "nld": "nl", "dut": "nl", "bre": "br"}  # fmt: skip
HOLDERS = ("geodcatap:owner", "geodcatap:resourceProvider", "geodcatap:custodian")
UNSAID = "notspecified"


def identity_of(tree: Tree) -> tuple[str, bool]:
    """Answer the remote id of a dataset, and whether its source gave one.

    Its address; for a blank node its identifier, else a hash of what changes least.
    """
    given = address_of(tree) or one_line(french(tree, "dct:identifier"), 1000)
    if given:
        return given, True
    files = [url for d in nodes(tree, "dcat:distribution")
             for name in ("dcat:downloadURL", "dcat:accessURL")
             for v in values(d, name) if (url := address_of(v) or text_of(v))]  # fmt: skip
    page = french(tree, "dcat:landingPage") or (min(files) if files else "")
    words = f"{french(tree, 'dct:title')}\n{page}"
    return "sans-identifiant:" + hashlib.blake2b(words.encode(), digest_size=12).hexdigest(), False


def to_dataset(record: Record) -> Dataset | Issue:
    """Map the tree of one dataset."""
    tree = record.payload
    title, cut = clean_title(french(tree, "dct:title"), record.where)
    if not title:
        return Issue("TER-VAL-003", record.where)
    notes, cleaned = clean_text(
        french(tree, "dct:description") or french(tree, "dct:abstract"), title
    )
    issued, bad_issued = clean_date(french(tree, "dct:issued"), title)
    modified, bad_modified = clean_date(french(tree, "dct:modified"), title)
    first, last = period_of(tree)
    spatial, bad_place = place_of(tree, title)
    licence, label = _licence(tree)
    contact_name, contact_email = _contact(tree)
    resources, bad_files = resources_of(tree, title)
    keywords = _keywords(tree)
    untold = told_of_licence(label, title) if licence == UNSAID else ()
    return Dataset(
        remote_id=record.remote_id,
        title=title,
        description=notes,
        licence=licence,
        licence_label=label,
        themes=_themes(tuple(_theme_words(tree)), tuple(keywords)),
        tags=clean_tags(keywords),
        frequency=_frequency(tree),
        issued=issued,
        modified=modified,
        temporal_start=clean_date(first, title)[0],
        temporal_end=clean_date(last, title)[0],
        communes=communes_of(tree),
        spatial=spatial,
        publisher=_publisher(tree),
        contact_name=contact_name,
        contact_email=contact_email,
        language=_language(tree),
        landing_page=_page(tree),
        upstream_uri=_upstream(tree),
        resources=resources,
        issues=cut + cleaned + bad_issued + bad_modified + bad_place + bad_files + untold,
    )


def _keywords(tree: Tree) -> list[str]:
    """The words in French, else all; a list written as one word is cut at its commas."""
    found = [value for value in values(tree, "dcat:keyword") if text_of(value)]
    kept = [v for v in found if is_french(v) or not language_of(v)] or found
    words = (word.strip() for value in kept for word in text_of(value).split(","))
    return list(dict.fromkeys(word for word in words if word))


def _theme_words(tree: Tree) -> Iterable[str]:
    for name in ("dcat:theme", "geodcatap:topicCategory"):
        for value in values(tree, name):
            yield text_of(value)
            if isinstance(value, dict):
                yield address_of(value)
                yield from (text_of(v) for v in values(value, "skos:prefLabel"))


@lru_cache(maxsize=5_000)
def _themes(said: tuple[str, ...], keywords: tuple[str, ...]) -> tuple[str, ...]:
    return themes_of(said) or themes_of(keywords)


def _frequency(tree: Tree) -> str:
    return next(
        (f for text in told(tree, "dct:accrualPeriodicity") if (f := frequency_of(text))), ""
    )


def _licence(tree: Tree) -> tuple[str, str]:
    """The licence of the dataset, else of its files, else what its rights say."""
    files = nodes(tree, "dcat:distribution")
    label = ""
    for holders, name in (((tree,), "dct:license"), (files, "dct:license"),
                          ((tree,), "dct:rights"), (files, "dct:rights"),
                          ((tree,), "dct:accessRights")):  # fmt: skip
        said = [text for holder in holders for text in _rights(holder, name)]
        licence, kept = _licence_in(tuple(dict.fromkeys(said)))
        if licence != UNSAID:
            return licence, ""
        label = label or (kept if name == "dct:license" else "")
    return UNSAID, label


def _rights(tree: Tree, name: str) -> Iterable[str]:
    yield from told(tree, name)
    for node in nodes(tree, name):
        yield french(node, "dct:description")


@lru_cache(maxsize=5_000)
def _licence_in(said: tuple[str, ...]) -> tuple[str, str]:
    addresses = [text for text in said if text.startswith(("http://", "https://"))]
    words = [one_line(text, 2000) for text in said if text and text not in addresses]
    licence, label = licence_in(words, addresses)
    return licence, label or next(iter([*words, *addresses]), "")[:300]


def _publisher(tree: Tree) -> str:
    for name in ("dct:publisher", "dct:creator"):
        for value in values(tree, name):
            said = text_of(value) or (label_of(value) if isinstance(value, dict) else "")
            if said and said != address_of(value):
                return one_line(said)
    holders = (node for name in HOLDERS for node in nodes(tree, name))
    return next((said for node in holders if (said := _contact_name(node))), "")


def _contact(tree: Tree) -> tuple[str, str]:
    """The first contact that has an address, else the first one: its name, its address."""
    found = [
        (_contact_name(node), _mail(node))
        for name in ("dcat:contactPoint", "adms:contactPoint")
        for node in nodes(tree, name)
    ]
    return next((each for each in found if each[1]), found[0] if found else ("", ""))


def _contact_name(node: Tree) -> str:
    inside = nodes(node, "vcard:hasFN") + nodes(node, "vcard:org")
    names = [french(node, "vcard:fn"), french(node, "vcard:organization-name"),
             french(node, "vcard:organisation-name"), french(node, "vcard:hasFN"),
             french(node, "foaf:name")]  # fmt: skip
    for each in inside:
        names += [french(each, "vcard:hasValue"), french(each, "vcard:organisation-name"),
                  french(each, "vcard:organization-name")]  # fmt: skip
    return next((one_line(name) for name in names if name), "")


def _mail(node: Tree) -> str:
    for name in ("vcard:hasEmail", "foaf:mbox"):
        for value in values(node, name):
            inside = french(value, "vcard:hasValue") if isinstance(value, dict) else ""
            text = text_of(value) or address_of(value) or inside
            mail = to_email(re.sub(r"^mailto:\s*", "", text.strip(), flags=re.IGNORECASE))
            if mail:
                return mail
    return ""


def _language(tree: Tree) -> str:
    """French when it is one of the languages, else the first one, in two letters.

    >>> _language({"dct:language": [
    ...     {"@id": "http://publications.europa.eu/resource/authority/language/FRA"}]})
    'fr'
    """
    said = [text_of(v) or address_of(v) for v in values(tree, "dct:language")]
    words = [text.rstrip("/").rsplit("/", 1)[-1].split("-")[0].lower() for text in said]
    codes = [LANGUAGES.get(word, word) for word in words if word.isalpha() and len(word) <= 3]
    return "fr" if "fr" in codes else next(iter(codes), "")


def _page(tree: Tree) -> str:
    """The page of the dataset, else its own address, which leads there on most portals."""
    told_pages = [address_of(v) or text_of(v) for v in values(tree, "dcat:landingPage")]
    for text in [*told_pages, address_of(tree)]:
        page = to_web_address(text)
        if page:
            return page
    return ""


def _upstream(tree: Tree) -> str:
    """The identity at the first publisher: what it is the same as, its identifier, its address."""
    same = [address_of(v) or text_of(v) for v in values(tree, "owl:sameAs")]
    named = [text_of(v) or address_of(v) for v in values(tree, "dct:identifier")]
    for text in [*same, *named, address_of(tree)]:
        if text.startswith(("http://", "https://")) and to_web_address(text):
            return one_line(text, 1000)
    return ""


def title_of(tree: Tree) -> str:
    """The title of a dataset, to name it in a report."""
    return one_line(french(tree, "dct:title"), 80)

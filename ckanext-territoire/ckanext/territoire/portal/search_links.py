"""The links of the search page: each keeps the other questions and begins again at page 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ckan.plugins import toolkit

from ckanext.territoire import coverage
from ckanext.territoire.index_fields import COMMUNES, THEMES
from ckanext.territoire.portal.facets import FACETS
from schemas.vocabulary import load_vocabulary, plain

Pairs = list[tuple[str, str]]
BBOX = "ext_bbox"
VOCABULARY_OF = {THEMES: "themes", "license_id": "licences"}
SORTS = {
    "score desc, metadata_modified desc": "Les plus pertinents",
    "metadata_modified desc": "Les plus récents",
    "title_string asc": "Par titre, de A à Z",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a filter, or one active filter: where its link leads."""

    label: str
    count: int
    url: str
    is_active: bool


def facet_choices(name: str, facets: Mapping[str, Any]) -> list[Choice]:
    """List the values of a filter with their counts; an active one leads out of itself."""
    asked = _asked()
    more = f"{_url(asked)}{'&' if asked else '?'}"
    choices = [
        Choice(
            label_of(name, item["name"], item.get("display_name", "")),
            item["count"],
            _url(_without(asked, name, item["name"]))
            if (name, item["name"]) in asked
            else more + urlencode({name: item["name"]}),
            (name, item["name"]) in asked,
        )
        for item in (facets.get(name) or {}).get("items", [])
        if (name, item["name"]) in asked or _is_offered(name, item["name"])
    ]
    return sorted(choices, key=lambda each: (not each.is_active, -each.count, plain(each.label)))


def active_choices(facets: Mapping[str, Any]) -> list[Choice]:
    """List what narrows the search now; each link takes that one away."""
    asked = _asked()
    found = []
    for name, value in asked:
        if name in FACETS:
            label = f"{FACETS[name]}\u00a0: {_shown(name, value, facets)}"
        elif name == BBOX and value:
            label = "Zone dessinée sur la carte"
        elif name == "tags":
            label = f"Mot-clé\u00a0: {value}"
        else:
            continue
        found.append(Choice(label, 0, _url(_without(asked, name, value)), True))
    return found


def label_of(name: str, value: str, told: str = "") -> str:
    """Name a value in French: theme, licence, commune; else as the index tells it."""
    if name in VOCABULARY_OF:
        term = load_vocabulary(VOCABULARY_OF[name]).get(value)
        return term.label if term else told or value
    if name == COMMUNES:
        return coverage.communes().names.get(value, told or value)
    return told or value


def kept_pairs(*dropped: str) -> Pairs:
    """Answer the questions of this page but these, for the hidden fields of a form."""
    return [(name, value) for name, value in _asked() if name not in dropped]


def page_links(page: Any) -> list[tuple[int, str]]:
    """List the pages around the present one, with the first and the last; 0 marks a gap."""
    last = page.page_count
    near = [n for n in range(page.page - 2, page.page + 3) if 1 <= n <= last]
    numbers = sorted({1, last, *near}) if last else []
    links: list[tuple[int, str]] = []
    for at in numbers:
        if links and at - links[-1][0] > 1:
            links.append((0, ""))
        links.append((at, _url([*_asked(), ("page", str(at))])))
    return links


def _is_offered(name: str, value: str) -> bool:
    """Keep the European themes out of the list: the local domains under them say it better."""
    return name != THEMES or not value.startswith("eu-")


def _shown(name: str, value: str, facets: Mapping[str, Any]) -> str:
    items: Sequence[Mapping[str, Any]] = (facets.get(name) or {}).get("items", [])
    told = next((item.get("display_name", "") for item in items if item["name"] == value), "")
    return label_of(name, value, told)


def _asked() -> Pairs:
    return [
        (name, value)
        for name, value in toolkit.request.args.items(multi=True)
        if name != "page" and value and not name.startswith("_")
    ]


def _without(asked: Pairs, name: str, value: str) -> Pairs:
    return [pair for pair in asked if pair != (name, value)]


def _url(pairs: Pairs) -> str:
    path = toolkit.request.path
    return f"{path}?{urlencode(pairs)}" if pairs else path

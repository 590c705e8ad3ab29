"""What a service page shows of the rows it found. Pure, but for the addresses of pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit

from ckanext.territoire import publishers
from ckanext.territoire.portal.markup import safe_url
from ckanext.territoire.portal.typography import NBSP, day, number
from ckanext.territoire.services.model import Service
from ckanext.territoire.services.places import SHOWN, Found
from ckanext.territoire.territory.contacts import Contact, contacts

LINKS = ("url", "DELIB_URL", "url_info")
NOTES = ("info", "commentaires", "precisions")
FLAGGED = {
    "open": "la commune examine ce signalement",
    "fixed": "corrigé",
    "answered": "la commune a répondu",
    "refused": "la commune a répondu",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was found. `source` is who publishes it, `flagged` what was said of it."""

    key: str
    title: str
    address: str
    commune: str
    facts: tuple[str, ...]
    note: str
    site: str
    away: str
    page: str
    report: str
    source: str
    dataset: str
    changed: str
    contact: Contact | None
    flagged: str


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a reader is in the list, as `snippets/pages.html` takes it."""

    page: int
    page_count: int


def to_items(service: Service, found: Found) -> list[Item]:
    """Say each row in words."""
    halls = contacts()
    return [_item(service, row, halls.get(row["insee"] or "")) for row in found.rows]


def to_pages(found: Found, page: int) -> Pages:
    """Count the pages."""
    return Pages(page, -(-found.total // SHOWN))


def _item(service: Service, row: Mapping[str, Any], contact: Contact | None) -> Item:
    cells = row["cells"]
    owner = publishers.find(row["org_id"])
    address = {"slug": service.slug, "cle": row["key"]}
    return Item(
        key=row["key"],
        title=_title(service, row),
        address=row["address"] or "",
        commune=row["commune"] or "",
        facts=tuple(service.facts(cells)),
        note=next((str(cells[name]) for name in NOTES if cells.get(name)), ""),
        site=next((safe_url(cells[name]) for name in LINKS if cells.get(name)), ""),
        away=to_distance(row["distance"]),
        page=toolkit.url_for("territoire_row.show", **address),
        report=toolkit.url_for("territoire_row.flag", **address),
        source=owner.title if owner else "",
        dataset=row["dataset"] or "",
        changed=day(str(row["changed_at"])),
        contact=contact,
        flagged=to_flagged(row),
    )


def _title(service: Service, row: Mapping[str, Any]) -> str:
    """Name a row; an identifier is no name."""
    told = str(row["label"] or "")
    return told if told and told != row["key"] else f"{service.one[:1].upper()}{service.one[1:]}"


def to_distance(metres: float | None) -> str:
    """Say how far something is; `""` when it is not asked.

    >>> to_distance(347.0).replace(NBSP, " "), to_distance(1240.0).replace(NBSP, " ")
    ('à 350 m', 'à 1,2 km')
    """
    if metres is None:
        return ""
    if metres < 950:
        return f"à {max(round(metres / 50) * 50, 50)}{NBSP}m"
    return f"à {number(metres / 1000, 1 if metres < 10_000 else 0)}{NBSP}km"


def to_flagged(row: Mapping[str, Any]) -> str:
    """Say when a row was flagged last, and what became of it."""
    if not row.get("flag_state"):
        return ""
    answered = f" le {day(str(row['answered_at']))}" if row["answered_at"] else ""
    return f"Signalé le {day(str(row['flagged_at']))} : {FLAGGED[row['flag_state']]}{answered}"

"""What the home page and the page of a commune show of the merged tables, in French."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ckan.plugins import toolkit

from ckanext.territoire import publishers
from ckanext.territoire.portal.typography import count, day, number
from ckanext.territoire.services.catalogue import SERVICES, service_of
from ckanext.territoire.services.changes import Moved
from ckanext.territoire.services.figures import Figure
from ckanext.territoire.services.public_tables import PublicTable
from schemas.load import latest

Tables = Mapping[str, PublicTable]
MANY_OWNERS = 2


@dataclass(frozen=True, slots=True)
class Question:
    """A question that the portal answers: what is found, where."""

    title: str
    told: str
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as it is set: number, unit, source and date, and where to look."""

    value: str
    unit: str
    source: str
    url: str


@dataclass(frozen=True, slots=True)
class News:
    """What moved: the table, whose, what, when."""

    title: str
    told: str
    when: str
    url: str


def to_questions(figures: Mapping[str, Figure], insee: str = "") -> list[Question]:
    """The questions that have an answer, in the order of the catalogue."""
    return [
        Question(
            service.title,
            _found(service.one, service.many, figures[service.slug], insee),
            toolkit.url_for("territoire_services.show", path=service.path, **_in(insee)),
        )
        for service in SERVICES
        if service.slug in figures
    ]


def to_shown(figures: Mapping[str, Figure], tables: Tables, insee: str = "") -> list[Shown]:
    """The figures, those of the services first."""
    known = [each.slug for each in SERVICES]
    order = sorted(figures.values(), key=lambda f: (_rank(known, f.slug), f.slug))
    return [
        Shown(
            number(each.value),
            _unit(each),
            f"{_owners(each)}, {day(each.changed_at)}",
            _where(each.slug, tables, insee),
        )
        for each in order
    ]


def to_news(moved: Sequence[Moved], tables: Tables, insee: str = "") -> list[News]:
    """What moved, one line each."""
    return [
        News(
            latest(each.slug).title,
            _change(each, insee),
            each.published_at.isoformat(),
            _where(each.slug, tables, insee),
        )
        for each in moved
    ]


def _found(one: str, many: str, figure: Figure, insee: str) -> str:
    told = count(figure.rows, one, many)
    return told if insee else f"{told} dans {count(figure.communes, 'commune')}"


def _unit(figure: Figure) -> str:
    unit = figure.unit
    told = unit.one if figure.value < 2 else unit.many
    if not unit.total:
        return told
    return f"{told} dans {count(figure.rows, unit.rows_one, unit.rows_many)}"


def _owners(figure: Figure) -> str:
    if len(figure.owners) >= MANY_OWNERS:
        return count(len(figure.owners), "producteur")
    found = publishers.find(figure.owners[0]) if figure.owners else None
    return found.title if found else "Communes"


def _change(moved: Moved, insee: str) -> str:
    parts = [
        count(moved.added, "ligne ajoutée", "lignes ajoutées") if moved.added else "",
        count(moved.changed, "changée", "changées") if moved.changed else "",
        count(moved.removed, "retirée", "retirées") if moved.removed else "",
    ]
    told = ", ".join(part for part in parts if part)
    owner = publishers.find(moved.org_id)
    return told if insee or owner is None else f"{owner.title} : {told}"


def _where(slug: str, tables: Tables, insee: str) -> str:
    """The service page of a table, else its dataset."""
    service = service_of(slug)
    if service:
        path: str = toolkit.url_for("territoire_services.show", path=service.path, **_in(insee))
        return path
    address: str = toolkit.url_for("dataset.read", id=tables[slug].dataset)
    return address


def _in(insee: str) -> dict[str, str]:
    return {"commune": insee} if insee else {}


def _rank(known: Sequence[str], slug: str) -> int:
    return known.index(slug) if slug in known else len(known)

"""What people do not want to be told, and the address without account where they say so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire.links.token import sign, unsign
from ckanext.territoire.notices.model import CHANGE, ENDS, LETTER, Kind, News

PURPOSE = "notice"
KINDS = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True)
class Mutes:
    """What is not told: pairs of a person and a kind, sources of which nobody is told, and
    communes (ids of organisations) whose monthly letter nobody gets."""

    pairs: frozenset[tuple[str, str]]
    source_ids: frozenset[str]
    letter_ids: frozenset[str] = frozenset()

    def wants(self, person: str, news: News) -> bool:
        """Say whether a person wants to hear this."""
        standing = news.kept.standing
        is_muted = (person, standing.kind.value) in self.pairs
        return not is_muted and standing.source_id not in self.source_ids

    def wants_letter(self, person: str, org_id: str = "") -> bool:
        """Say whether a person wants the letter of a commune; without one, that of all."""
        kinds = {LETTER, letter_of(org_id)} if org_id else {LETTER}
        return org_id not in self.letter_ids and not any((person, k) in self.pairs for k in kinds)


def letter_of(org_id: str) -> str:
    """What a person mutes to get no more the letter of one commune."""
    return f"{LETTER}:{org_id}"


def is_letter(kind: str) -> bool:
    """Say whether a kind is that of a monthly letter."""
    return kind == LETTER or kind.startswith(letter_of(""))


def is_mutable(kind: str) -> bool:
    """Say whether a kind can be muted by a person."""
    return is_letter(kind) or kind in KINDS or kind in (CHANGE, ENDS)


def read_mutes() -> Mutes:
    """Read everything that is muted."""
    pairs = model.Session.execute(text("SELECT person, kind FROM territoire_notice_mute"))
    quiet = model.Session.execute(text("SELECT source_id FROM territoire_quiet_source"))
    letters = model.Session.execute(text("SELECT org_id FROM territoire_quiet_letter"))
    return Mutes(
        frozenset((row.person, row.kind) for row in pairs),
        frozenset(quiet.scalars()),
        frozenset(letters.scalars()),
    )


def mutes_of(person: str) -> frozenset[str]:
    """Read the kinds that a person has muted."""
    query = text("SELECT kind FROM territoire_notice_mute WHERE person = :person")
    return frozenset(model.Session.execute(query, {"person": person}).scalars())


def set_mutes(person: str, kinds: Collection[str]) -> None:
    """Mute these kinds for a person, and no other. Commits."""
    values = {"person": person, "kinds": sorted(filter(is_mutable, kinds))}
    drop = "DELETE FROM territoire_notice_mute WHERE person = :person"
    model.Session.execute(text(drop), values)
    add = """INSERT INTO territoire_notice_mute (person, kind)
             SELECT :person, unnest(cast(:kinds AS text[]))"""
    model.Session.execute(text(add), values)
    model.Session.commit()


def mute(person: str, kind: str) -> None:
    """Mute one more kind for a person. Commits."""
    query = """INSERT INTO territoire_notice_mute (person, kind) VALUES (:person, :kind)
               ON CONFLICT DO NOTHING"""
    model.Session.execute(text(query), {"person": person, "kind": kind})
    model.Session.commit()


def set_quiet_letter(org_id: str, is_quiet: bool, by: str) -> None:
    """Send nobody the letter of a commune, or send it again. Commits."""
    if is_quiet:
        query = """INSERT INTO territoire_quiet_letter (org_id, set_by) VALUES (:org, :by)
                   ON CONFLICT DO NOTHING"""
    else:
        query = "DELETE FROM territoire_quiet_letter WHERE org_id = :org"
    model.Session.execute(text(query), {"org": org_id, "by": by})
    model.Session.commit()


def set_quiet(source_id: str, is_quiet: bool, by: str) -> None:
    """Tell nobody of a source, or tell of it again. Commits."""
    values = {"id": source_id, "by": by}
    if is_quiet:
        query = """INSERT INTO territoire_quiet_source (source_id, set_by) VALUES (:id, :by)
                   ON CONFLICT DO NOTHING"""
    else:
        query = "DELETE FROM territoire_quiet_source WHERE source_id = :id"
    model.Session.execute(text(query), values)
    model.Session.commit()


def address_of(person: str) -> str:
    """The address where a person chooses, without an account; it does not expire."""
    site = str(toolkit.config["ckan.site_url"]).rstrip("/")
    return f"{site}/avis/{sign(person.encode(), PURPOSE, _secret())}"


def person_of(token: str) -> str | None:
    """Read whose address it is; `None` when it was not signed here."""
    found = unsign(token, PURPOSE, _secret())
    return found.decode("utf-8", "replace") if found is not None else None


def _secret() -> str:
    return str(toolkit.config["SECRET_KEY"])

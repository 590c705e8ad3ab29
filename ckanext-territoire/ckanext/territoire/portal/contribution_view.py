"""What the queue of contributions is asked for, and what it shows beside each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ckan.plugins import toolkit

from ckanext.territoire.community import challenge_store, store
from ckanext.territoire.community.datasets import public_datasets
from ckanext.territoire.community.model import PUBLIC, Kind, State
from ckanext.territoire.community.words import KINDS, ORDER, act_label
from ckanext.territoire.portal.depositor import Depositor
from ckanext.territoire.portal.typography import number
from ckanext.territoire.territory.officers import is_officer
from schemas.vocabulary import plain

EVERYBODY = "tout"
PAST = "traitees"
Told = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks: for whom, which kind, what was decided, from which place on."""

    is_all: bool
    may_see_all: bool
    pour: str
    kind: str
    is_past: bool
    after: str

    def to_action(self, organization: str) -> Told:
        """The call that answers it; `organization` is `""` for all."""
        place = "decided_after" if self.is_past else "after"
        told = {"organization": organization, "kind": self.kind, place: self.after}
        return {name: value for name, value in told.items() if value}

    def query(self, **changes: str) -> Told:
        """The parts of the address of this page, with these changes; a new list begins anew."""
        told = {"pour": self.pour, "genre": self.kind, "vue": PAST if self.is_past else ""}
        return {name: value for name, value in (told | changes).items() if value}

    def choices(self, counts: Iterable[Told], who: Depositor | None) -> Told:
        """What the filters offer, with how many wait: kinds, and organisations."""
        # what waits is not what was decided: those names stand without a number
        counts = [each | {"waiting": 0} for each in counts] if self.is_past else list(counts)
        of_kind = {kind.value: _sum(counts, "kind", kind.value) for kind in Kind}
        kinds = [("", "Tous", sum(of_kind.values()))]
        kinds += [(kind.value, KINDS[kind], of_kind[kind.value]) for kind in Kind]
        return {"kinds": _labelled(kinds), "places": self._places(counts, who)}

    def _places(self, counts: list[Told], who: Depositor | None) -> list[tuple[str, str]]:
        if not self.may_see_all:
            return list(who.choices) if who and not who.is_alone else []
        if who:  # the counts are theirs alone
            return [(EVERYBODY, "Tout le territoire"), (who.name, who.title)]
        named = {each["organization"]: each["organization_title"] for each in counts}
        by_title = sorted(named.items(), key=lambda pair: plain(pair[1]))
        places = [(name, title, _sum(counts, "organization", name)) for name, title in by_title]
        return _labelled([(EVERYBODY, "Tout le territoire", sum(p[2] for p in places)), *places])


def read_asked(args: Mapping[str, str]) -> Asked:
    """Read what is asked; what is no choice asks nothing."""
    may_see_all = is_officer(toolkit.g.user)
    pour, kind = args.get("pour", ""), args.get("genre", "")
    is_all = may_see_all and pour in ("", EVERYBODY)
    is_kind = kind in {each.value for each in Kind}
    past, after = args.get("vue") == PAST, args.get("apres", "")
    return Asked(is_all, may_see_all, "" if is_all else pour, kind * is_kind, past, after)


def with_acts(told: Told) -> Told:
    """Add the decisions that are possible, in the order of their buttons."""
    kind, possible = Kind(told["kind"]), [s for s in ORDER if s.value in told["choices"]]
    acts = [{"state": state.value, "label": act_label(kind, state)} for state in possible]
    if kind is Kind.QUESTION:
        acts.sort(key=lambda each: each["state"] != State.ANSWERED.value)
    return told | {"acts": acts, "page": _page(told)}


def about(listed: list[Told]) -> dict[str, list[dict[str, str]]]:
    """On what each stands: public datasets, or a challenge; two statements for all."""
    links = store.datasets_of_all([each["id"] for each in listed])
    named = {e.id: e for e in public_datasets(sorted({d for ids in links.values() for d in ids}))}
    found = {
        each: [{"title": named[d].title,
                "url": toolkit.url_for("dataset.read", id=named[d].name)}
               for d in ids if d in named]
        for each, ids in links.items()
    }  # fmt: skip
    wanted = {each["challenge_id"] for each in listed if each["challenge_id"]}
    known = {each.challenge.id: each.challenge for each in challenge_store.of_ids(wanted)}
    for each in listed:
        challenge = known.get(each["challenge_id"] or "")
        if challenge:
            url = toolkit.url_for("territoire_challenges.show", slug=challenge.slug)
            found.setdefault(each["id"], []).append(
                {"title": f"Défi : {challenge.title}", "url": url}
            )
    return found


def _page(told: Told) -> str:
    """Where everybody sees a contribution; `""`: nobody does, or on the page of its challenge."""
    if State(told["state"]) not in PUBLIC:
        return ""
    if told["kind"] == Kind.QUESTION.value:
        return str(toolkit.url_for("territoire_questions.show", question_id=told["id"]))
    reuse = told["reuse"]
    return str(toolkit.url_for("territoire_reuses.show", slug=reuse["slug"])) if reuse else ""


def _sum(counts: Iterable[Told], name: str, value: str) -> int:
    return sum(each["waiting"] for each in counts if each[name] == value)


def _labelled(choices: Iterable[tuple[str, str, int]]) -> list[tuple[str, str]]:
    return [(name, f"{label} ({number(n)})" if n else label) for name, label, n in choices]

"""What an officer decides of the origins of datasets: merge, separate, choose, tell apart.

Each act holds the locks of the sources it touches, is one transaction, and is remembered with who
did it and why. Nothing is erased: a dataset that is merged keeps its rows and is given back whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire import index_outbox
from ckanext.territoire.catalogue import tables
from ckanext.territoire.catalogue.rows import with_millisecond
from ckanext.territoire.harvest_adapter import addresses, joining, origins, published
from ckanext.territoire.harvest_adapter.jobs import source_lock
from ckanext.territoire.harvest_adapter.origins import Event
from ckanext.territoire.harvest_adapter.published import Published
from harvesters.border import Border, reach
from harvesters.errors import Refused
from harvesters.model import Issue
from harvesters.origin import winner_of
from harvesters.same import ALWAYS, pair_of


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, and why."""

    actor: str
    reason: str = ""


@contextmanager
def _locked(source_ids: Sequence[str]) -> Iterator[None]:
    """Hold the sources still, do, commit, and let search catch up. Raises `Refused` when busy."""
    with ExitStack() as stack:
        for source_id in sorted(set(source_ids)):
            stack.enter_context(source_lock(source_id))
        try:
            yield
            reach(Border.ORIGINS_WRITTEN)
            model.Session.commit()
        except BaseException:
            model.Session.rollback()
            raise
    reach(Border.ORIGINS_KEPT)
    index_outbox.drain()


def _now() -> datetime:
    return with_millisecond(datetime.now(UTC).replace(tzinfo=None))


def merge(ids: Sequence[str], winner: str, by: By) -> str:
    """Make one dataset of several; answer its id. `winner` (id or name) keeps its address; without
    one the rule says which."""
    found = published.read([each for each in dict.fromkeys(ids) if each])
    _check_all_found(ids, found)
    if len(found) < 2:
        raise Refused(Issue("TER-PUB-122"))
    stays = _winner(found, winner)
    leaving = [each for each in found if each is not stays]
    with _locked([each.source_id for each in found]):
        _merge_into(stays, leaving, by)
        if winner:
            _keep_choice(stays.dataset_id, stays.source_id, by)
    return stays.dataset_id


def _check_all_found(ids: Sequence[str], found: Sequence[Published]) -> None:
    known = {name for each in found for name in (each.dataset_id, each.name)}
    for each in ids:
        if each not in known:
            raise Refused(Issue("TER-PUB-121", found=each))


def _winner(found: Sequence[Published], winner: str) -> Published:
    if not winner:
        best = winner_of(each.origin for each in found)
        return next(each for each in found if each.origin == best)
    for each in found:
        if winner in (each.dataset_id, each.name):
            return each
    raise Refused(Issue("TER-PUB-123", found=winner))


def _merge_into(stays: Published, leaving: Sequence[Published], by: By) -> None:
    gone = [each.dataset_id for each in leaving]
    target = stays.dataset_id
    origins.demote([(each, target, "merged") for each in gone])
    model.Session.execute(
        text("UPDATE territoire_origin SET dataset_id = :id WHERE dataset_id = ANY(:gone)"),
        {"id": target, "gone": gone},
    )
    addresses.lead([(e.dataset_id, target, e.source_id, e.remote_id) for e in leaving])
    user = model.User.get(by.actor) or model.User.get(_site_user())
    tables.retire(gone, "", "", user, _now())
    forget_judged([target, *gone])
    origins.record([
        Event("merge", target, e.source_id, e.remote_id, by.actor, by.reason,
              {"former": e.dataset_id, "name": e.name}) for e in leaving
    ])  # fmt: skip
    index_outbox.queue([target, *gone])


def _site_user() -> str:
    return str(toolkit.get_action("get_site_user")({"ignore_auth": True}, {})["name"])


def separate(dataset_id: str, source_id: str, by: By, remote_id: str = "") -> str:
    """Give one origin of a dataset its own dataset back, or a new one at its next run; answer its
    id. The dataset stays with the others, or with the record that it was made of."""
    dataset = _one(dataset_id)
    leaver = _origin(dataset, source_id, remote_id)
    touched = {dataset.source_id, leaver[0]}
    with _locked(sorted(touched)):
        leaver = _let_another_publish(dataset, leaver)
        own = _give_own(dataset.dataset_id, leaver)
        _judge([(dataset.dataset_id, own)], {}, by)
        origins.record([Event("separate", dataset.dataset_id, *leaver, by.actor, by.reason,
                              {"own": own})])  # fmt: skip
        index_outbox.queue([dataset.dataset_id, own])
        joining.ask_runs(touched | {_one(dataset.dataset_id).source_id})
    return own


def _one(dataset_id: str) -> Published:
    found = published.read([dataset_id])
    if not found:
        raise Refused(Issue("TER-PUB-121", found=dataset_id))
    return found[0]


def _origin(dataset: Published, source: str, remote_id: str = "") -> tuple[str, str]:
    found = published.origin_of(dataset.dataset_id, source, remote_id)
    if found is None:
        title = published.title_of_source(source) or source
        raise Refused(Issue("TER-PUB-124", where=dataset.title, found=title))
    return found


def _let_another_publish(dataset: Published, leaver: tuple[str, str]) -> tuple[str, str]:
    """Answer who leaves: the record that the dataset was made of stays with it."""
    in_place = (dataset.source_id, dataset.remote_id)
    if leaver == in_place:
        if not joining.hand_over([dataset.dataset_id], dataset.source_id):
            raise Refused(Issue("TER-PUB-125", where=dataset.title))
        return leaver
    if joining.own_id(*leaver) == dataset.dataset_id:
        origins.swap([(dataset.dataset_id, *leaver)])
        return in_place
    return leaver


def _give_own(dataset_id: str, leaver: tuple[str, str]) -> str:
    """Let a record publish by itself: at its former address, else with its next run."""
    former = addresses.former_of(*leaver)
    own = former or joining.own_id(*leaver, dataset_id)
    if former:
        addresses.give_back(former, _now())
    query = """
        INSERT INTO territoire_source_record (source_id, remote_id, dataset_id, content_hash,
                                              first_url, fingerprint, upstream_uri, state)
        SELECT source_id, remote_id, :own, '', first_url, fingerprint, upstream_uri, :state
          FROM territoire_origin WHERE source_id = :source AND remote_id = :remote
    """
    state = "live" if former else "retired"
    values = {"own": own, "state": state, "source": leaver[0], "remote": leaver[1]}
    model.Session.execute(text(query), values)
    origins.forget_origins([leaver])
    query = "DELETE FROM territoire_origin_choice WHERE dataset_id = :id AND source_id = :source"
    model.Session.execute(text(query), {"id": dataset_id, "source": leaver[0]})
    return own


def choose(dataset_id: str, source_id: str, by: By) -> None:
    """Let another known origin publish a dataset, over the rule, until it is chosen otherwise."""
    dataset = _one(dataset_id)
    origin = _origin(dataset, source_id)
    if not published.is_live(origin):
        raise Refused(Issue("TER-PUB-125", where=dataset.title))
    with _locked([dataset.source_id, origin[0]]):
        if origin != (dataset.source_id, dataset.remote_id):
            origins.swap([(dataset.dataset_id, *origin)])
        _keep_choice(dataset.dataset_id, origin[0], by)
        origins.record([Event("choose", dataset.dataset_id, *origin, by.actor, by.reason)])
        joining.ask_runs({origin[0]})


def _keep_choice(dataset_id: str, source_id: str, by: By) -> None:
    query = """
        INSERT INTO territoire_origin_choice (dataset_id, source_id, chosen_by)
        VALUES (:id, :source, :by) ON CONFLICT (dataset_id) DO UPDATE
           SET source_id = excluded.source_id, chosen_by = excluded.chosen_by,
               chosen_at = now() AT TIME ZONE 'utc'"""
    model.Session.execute(text(query), {"id": dataset_id, "source": source_id, "by": by.actor})


def tell_apart(ids: Sequence[str], likenesses: dict[tuple[str, str], str], by: By) -> None:
    """Remember that these are different datasets, as long as what makes them alike stays so."""
    found = published.read(list(dict.fromkeys(ids)))
    _check_all_found(ids, found)
    known = sorted(each.dataset_id for each in found)
    if len(known) < 2:
        raise Refused(Issue("TER-PUB-122"))
    pairs = [(one, other) for n, one in enumerate(known) for other in known[n + 1 :]]
    _judge(pairs, likenesses, by)
    origins.record([Event("distinct", one, actor=by.actor, reason=by.reason,
                          details={"other": other}) for one, other in pairs])  # fmt: skip
    model.Session.commit()


def _judge(
    pairs: Sequence[tuple[str, str]], likenesses: dict[tuple[str, str], str], by: By
) -> None:
    query = text("""
        INSERT INTO territoire_distinct (one, other, likeness, reason, decided_by)
        VALUES (:one, :other, :likeness, :reason, :by) ON CONFLICT (one, other) DO UPDATE
           SET likeness = excluded.likeness, reason = excluded.reason,
               decided_by = excluded.decided_by, decided_at = now() AT TIME ZONE 'utc'
    """)
    values: list[dict[str, Any]] = []
    for pair in pairs:
        one, other = pair_of(*pair)
        likeness = likenesses.get((one, other), ALWAYS)
        values.append({"one": one, "other": other, "likeness": likeness, "reason": by.reason,
                       "by": by.actor})  # fmt: skip
    model.Session.execute(query, values)


def forget_judged(ids: Sequence[str]) -> None:
    """Forget that these datasets were judged different from one another. Does not commit."""
    query = "DELETE FROM territoire_distinct WHERE one = ANY(:ids) AND other = ANY(:ids)"
    model.Session.execute(text(query), {"ids": list(ids)})

"""A batch of a run, before it is written: which of its records another source publishes already.

One statement for a batch that meets no other source, a fixed number otherwise. What joins is stored
before the rest of the batch is written: killed in between, the next run goes on.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ckan import model
from sqlalchemy import text

from ckanext.territoire.catalogue import RunContext
from ckanext.territoire.harvest_adapter import addresses, jobs, origins, routes
from ckanext.territoire.harvest_adapter.origins import Event
from harvesters.border import Border, reach
from harvesters.identity import RecordState, Stand
from harvesters.model import Issue
from harvesters.origin import Candidate, Holder, Verdict, settle, winner_of
from harvesters.plan import Action
from harvesters.ports import Outcome, Write
from harvesters.run import NAMESPACE, dataset_id_of
from harvesters.same import address_form, claim_key, page_key


@dataclass(slots=True)
class Batch:
    """What is settled of a batch: `publish` pairs each write with what is written of it,
    `outcomes` answers the others by identity."""

    publish: list[tuple[Write, Write]] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    joined: list[tuple[Write, Holder]] = field(default_factory=list)
    taken: list[tuple[Write, Holder]] = field(default_factory=list)
    released: list[Write] = field(default_factory=list)


def settle_batch(writes: Sequence[Write], run: RunContext) -> Batch:
    """Decide for each write; store what joins, takes a place or is followed. Commits if any."""
    batch = Batch()
    for write, verdict, holder in _verdicts([w for w in writes if w.draft and w.dataset], run):
        _note(write, verdict, holder, batch, run)
    _retire([w for w in writes if w.action is Action.RETIRE], run, batch)
    settled = {id(write) for write, _ in batch.publish} | batch.outcomes.keys()
    batch.publish += [(write, write) for write in writes if id(write) not in settled]
    if batch.joined or batch.taken or batch.released:
        _store(batch, run)
    if batch.outcomes or batch.taken or batch.released:
        reach(Border.JOINING_WRITTEN)
        model.Session.commit()
        reach(Border.JOINING_KEPT)
    return batch


def own_id(source_id: str, remote_id: str, taken: str = "") -> str:
    """Answer the id of the own dataset of a record, another one when that is `taken`."""
    derived = dataset_id_of(source_id, remote_id)
    if derived != taken:
        return derived
    return str(uuid.uuid5(NAMESPACE, f"{source_id}\n{remote_id}\nséparé"))


def _verdicts(
    writes: Sequence[Write], run: RunContext
) -> list[tuple[Write, Verdict, Holder | None]]:
    candidates = [_candidate(write, run) for write in writes]
    near = _near(_holders(writes, candidates, run))
    route = routes.read_route(run.source_id) if near else None
    used: set[str] = set()
    found = []
    for write, candidate in zip(writes, candidates, strict=True):
        holders = _unique(near, candidate) if near else ()
        verdict, holder = settle(candidate, holders, route) if route else (Verdict.PUBLISH, None)
        if holder and candidate.stand is not Stand.MERGED:
            if holder.dataset_id in used:  # one dataset has one origin in a source
                is_sure = holder.claim == candidate.claim
                verdict = Verdict.REFUSE if is_sure else Verdict.PUBLISH
            used.add(holder.dataset_id)
        found.append((write, verdict, holder))
    return found


def _candidate(write: Write, run: RunContext) -> Candidate:
    draft, dataset, known = write.draft, write.dataset, write.known
    assert draft
    assert dataset
    stand = known.stand if known else Stand.PUBLISHED
    is_own = stand is Stand.PUBLISHED
    return Candidate(
        remote_id=write.remote_id,
        own_id=write.dataset_id if is_own else own_id(run.source_id, write.remote_id),
        claim=draft.claim,
        claim_key=claim_key(draft.claim),
        page_key=page_key(dataset),
        stand=stand,
        joined_to=known.dataset_id if known and not is_own else "",
        is_live=known is not None and known.state is not RecordState.RETIRED,
        has_moved=known is not None and known.claim != draft.claim,
        known_as=known.remote_id if known else "",
    )


def _holders(
    writes: Sequence[Write], candidates: Sequence[Candidate], run: RunContext
) -> list[Holder]:
    """Ask in one statement for all the records of a batch that do not publish already."""
    claims, pages, joined = set[str](), set[int](), set[str]()
    for write, candidate in zip(writes, candidates, strict=True):
        if candidate.is_live and candidate.stand is Stand.PUBLISHED:
            continue
        claims |= {candidate.claim, address_form(write.dataset.landing_page)}  # type: ignore[union-attr]
        pages |= {candidate.claim_key} if candidate.claim_key is not None else set()
        joined.add(candidate.joined_to)
    asked = routes.Asked(sorted(claims - {""}), sorted(pages), sorted(joined - {""}))
    if not (asked.claims or asked.pages or asked.joined):
        return []
    return routes.read_holders(run.source_id, asked)


def _near(holders: Sequence[Holder]) -> dict[object, list[Holder]]:
    """Find holders again by their dataset, their claim, its key, and the key of their page."""
    found: dict[object, list[Holder]] = defaultdict(list)
    for holder in holders:
        for key in (holder.dataset_id, holder.claim, claim_key(holder.claim), holder.page_key):
            if key not in ("", None):
                found[key].append(holder)
    return found


def _unique(near: Mapping[object, list[Holder]], candidate: Candidate) -> list[Holder]:
    keys = (candidate.joined_to, candidate.claim, candidate.claim_key, candidate.page_key)
    found = {h.dataset_id: h for key in keys if key not in ("", None) for h in near.get(key, ())}
    return list(found.values())


def _note(
    write: Write, verdict: Verdict, holder: Holder | None, batch: Batch, run: RunContext
) -> None:
    known, is_beside = write.known, bool(write.known and write.known.stand is not Stand.PUBLISHED)
    if verdict is Verdict.PUBLISH and known and is_beside:
        fresh = own_id(run.source_id, write.remote_id, known.dataset_id)
        mine = replace(write, action=Action.CREATE, dataset_id=fresh, known=None)
        batch.released.append(write)
        batch.publish.append((write, mine))
    elif verdict is Verdict.TAKE and holder:
        there = replace(write, action=Action.UPDATE, dataset_id=holder.dataset_id, known=None)
        batch.taken.append((write, holder))
        batch.publish.append((write, there))
    elif verdict is Verdict.JOIN and holder:
        batch.joined.append((write, holder))
        batch.outcomes[id(write)] = _elsewhere(write, holder.route.title)
    elif verdict is Verdict.REFUSE and holder and write.draft:
        issue = Issue("TER-PUB-004", write.draft.title, holder.route.title)
        batch.outcomes[id(write)] = Outcome(write.remote_id, write.dataset_id, issue)


def _elsewhere(write: Write, title: str) -> Outcome:
    return Outcome(write.remote_id, write.dataset_id, published_by=title)


def _store(batch: Batch, run: RunContext) -> None:
    """Write what was noted: origins, places taken, addresses, and what happened."""
    arriving = [(write, holder.dataset_id) for write, holder in (*batch.joined, *batch.taken)]
    renamed = [(w.known.remote_id, w.remote_id) for w, _ in arriving if w.known]
    addresses.rename(run.source_id, [pair for pair in renamed if pair[0] != pair[1]])
    _leave_own(arriving, run)
    if arriving:
        origins.keep_origins(arriving, run.source_id)
    origins.swap([(h.dataset_id, run.source_id, w.remote_id) for w, h in batch.taken])
    released = [(w.known, w.remote_id) for w in batch.released if w.known]
    origins.forget_origins([(run.source_id, known.remote_id) for known, _ in released])
    new = [(w, h) for w, h in batch.joined if not w.known or w.known.dataset_id != h.dataset_id]
    origins.record(
        [Event("join", h.dataset_id, run.source_id, w.remote_id) for w, h in new]
        + [Event("take", h.dataset_id, run.source_id, w.remote_id) for w, h in batch.taken]
        + [Event("release", k.dataset_id, run.source_id, remote) for k, remote in released]
    )


def _leave_own(arriving: Sequence[tuple[Write, str]], run: RunContext) -> None:
    """Lead to its dataset of today the retired one of a record that comes back elsewhere."""
    rows = [
        (w.known.dataset_id, dataset_id, run.source_id, w.remote_id)
        for w, dataset_id in arriving
        if w.known and w.known.stand is Stand.PUBLISHED
    ]
    addresses.lead(rows)
    origins.forget_records([former for former, *_ in rows])


def _retire(writes: Sequence[Write], run: RunContext, batch: Batch) -> None:
    """Let another origin follow where one leaves; one that was only known beside just leaves."""
    beside = [w for w in writes if w.known and w.known.stand is not Stand.PUBLISHED]
    if beside:
        origins.set_retired(run.source_id, [w.remote_id for w in beside])
        titles = routes.titles_of_publishers([w.dataset_id for w in beside])
        for write in beside:
            batch.outcomes[id(write)] = _elsewhere(write, titles.get(write.dataset_id, "—"))
    leaving = {w.dataset_id: w for w in writes if w not in beside}
    heirs = hand_over(list(leaving), run.source_id)
    ask_runs({source_id for source_id, _ in heirs.values()})
    for dataset_id, (_, title) in heirs.items():
        batch.outcomes[id(leaving[dataset_id])] = _elsewhere(leaving[dataset_id], title)


def hand_over(dataset_ids: Sequence[str], publisher: str) -> dict[str, tuple[str, str]]:
    """Let the best live origin of each dataset follow this source; answer the id and the title of
    the source that follows, by dataset. Does not commit."""
    heirs = routes.read_heirs(dataset_ids, publisher) if dataset_ids else {}
    rows, events, found = [], [], {}
    for dataset_id, near in heirs.items():
        best = winner_of(origin for origin, _ in near)
        title = next(route.title for origin, route in near if origin == best)
        rows.append((dataset_id, best.source_id, best.remote_id))
        events.append(Event("hand_over", dataset_id, best.source_id, best.remote_id))
        found[dataset_id] = (best.source_id, title)
    origins.swap(rows, RecordState.RETIRED)
    origins.record(events)
    return found


def leave(source_id: str) -> None:
    """Let other origins follow a source that is removed, wherever they can. Commits."""
    query = text("""SELECT dataset_id FROM territoire_source_record
                     WHERE source_id = :id AND state <> 'retired'""")
    ids = list(model.Session.execute(query, {"id": source_id}).scalars())
    ask_runs({heir for heir, _ in hand_over(ids, source_id).values()})
    model.Session.execute(
        text("DELETE FROM territoire_origin WHERE source_id = :id"), {"id": source_id}
    )
    model.Session.commit()


def give_back_refused(batch: Batch, outcomes: Mapping[int, Outcome], run: RunContext) -> None:
    """Give its place back to the origin of before, where the form refused the new record. Commits
    when there is any."""
    refused = [(w, h) for w, h in batch.taken if outcomes[id(w)].issue]
    rows = [(h.dataset_id, h.route.source_id, h.remote_id) for _, h in refused]
    rows += _heirs_of_unwritten(batch, outcomes, run)
    if rows:
        origins.swap(rows)
        reach(Border.PLACES_GIVEN_BACK)
        model.Session.commit()


def _heirs_of_unwritten(
    batch: Batch, outcomes: Mapping[int, Outcome], run: RunContext
) -> list[tuple[str, str, str]]:
    """Find who may publish what a run that was killed took, and what the form refuses now."""
    refused = [w for w, _ in batch.publish if outcomes[id(w)].issue and w.known]
    unwritten = [
        write.dataset_id
        for write in refused
        if write.known and write.known.stand is Stand.PUBLISHED and not write.known.content_hash
    ]
    heirs = routes.read_heirs(unwritten, run.source_id) if unwritten else {}
    best = {i: winner_of(origin for origin, _ in near) for i, near in heirs.items()}
    return [(i, origin.source_id, origin.remote_id) for i, origin in best.items()]


def ask_runs(source_ids: Sequence[str] | set[str]) -> None:
    """Ask for a run of sources that now publish what they did not, so that it is fresh, in the
    transaction that decides it."""
    for source_id in sorted(source_ids):
        jobs.ask_job(source_id)

"""Write a batch of harvested datasets: validate, rows, one transaction, then search.

A dataset that the form refuses answers an issue and leaves the others. If the batch as a whole is
refused by the database, it is cut in two and tried again, down to the one that is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ckan import model, plugins
from ckan.plugins import toolkit
from sqlalchemy.exc import DataError, IntegrityError

from ckanext.territoire import index_outbox
from ckanext.territoire.catalogue import changes, corrections, reviews, tables
from ckanext.territoire.catalogue.documents import (
    Harvested,
    Row,
    document,
    form_read_once,
    show_dicts,
)
from ckanext.territoire.catalogue.form import check_package
from ckanext.territoire.catalogue.keys import write_keys
from ckanext.territoire.catalogue.names import choose_names
from ckanext.territoire.catalogue.rows import (
    keep_ids,
    organization_dict,
    package_row,
    resource_rows,
    with_millisecond,
)
from ckanext.territoire.coverage import communes
from ckanext.territoire.index_courier import Courier
from ckanext.territoire.table.queue import queue_with
from ckanext.territoire.to_package import to_package
from harvesters.border import Border, reach
from harvesters.errors import TerritoireError
from harvesters.model import Issue
from harvesters.plan import Action
from harvesters.ports import Outcome, Write
from harvesters.run import dataset_id_of

UNSEEN_HOOKS = ("create", "edit")
LABELS = ["public"]


class UnknownHook(TerritoireError):
    """A plugin wants to be told of each dataset as CKAN's object: bulk writing would not do it."""


@dataclass(frozen=True, slots=True)
class RunContext:
    """For whom a batch is written, and who carries it to search (nobody: it is waited for)."""

    source_id: str
    source_title: str
    job_id: str
    organization_id: str
    is_reviewed_first: bool = False
    courier: Courier | None = None


@dataclass(slots=True)
class Written:
    """One dataset on its way: its write and its rows; `is_new`: the public does not have it yet."""

    write: Write
    package: Row
    resources: list[Row]
    tags: list[str]
    is_new: bool = True
    object_id: str = ""


def apply_batch(writes: Sequence[Write], run: RunContext) -> Sequence[Outcome]:
    """Write a batch and answer what became of each write, in the same order."""
    _refuse_unseen_hooks()
    user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    found = _apply(list(writes), run, model.User.get(user["name"]))
    return [found[id(write)] for write in writes]


def _refuse_unseen_hooks() -> None:
    for plugin in plugins.PluginImplementations(plugins.IPackageController):
        for hook in UNSEEN_HOOKS:
            stock = getattr(plugins.IPackageController, hook)
            if getattr(type(plugin), hook, stock) is not stock:
                raise UnknownHook(f"plugin {plugin.name} overrides IPackageController.{hook}")


def _apply(writes: list[Write], run: RunContext, user: model.User) -> dict[int, Outcome]:
    try:
        return _apply_together(writes, run, user)
    except (IntegrityError, DataError, ValueError) as fault:
        model.Session.rollback()
        if len(writes) == 1:
            issue = Issue(
                "TER-PUB-005", writes[0].remote_id, str(getattr(fault, "orig", fault))[:200]
            )
            return {id(writes[0]): _outcome(writes[0], issue)}
        half = len(writes) // 2
        return _apply(writes[:half], run, user) | _apply(writes[half:], run, user)


def _outcome(write: Write, issue: Issue | None = None, waits: bool = False) -> Outcome:
    return Outcome(write.remote_id, write.dataset_id, issue, waits)


def _apply_together(writes: list[Write], run: RunContext, user: model.User) -> dict[int, Outcome]:
    now = with_millisecond(datetime.now(UTC).replace(tzinfo=None))
    outcomes, allowed = _refuse_foreign(writes, run)
    retired = [w for w in allowed if w.action is Action.RETIRE]
    written = []
    for item in _validate([w for w in allowed if w.dataset], run, user, now):
        if isinstance(item, Written):
            written.append(item)
        else:
            write, issue = item
            outcomes[id(write)] = _outcome(write, issue)
    existing = _beside_what_stands(written)
    waiting = reviews.set_aside(written, existing, run)
    changed = changes.changes_of(written, existing)
    written = [item for item in written if item not in waiting]
    outcomes |= {id(i.write): _outcome(i.write, waits=i.package["private"] and i.is_new)
                 for i in written}  # fmt: skip
    outcomes |= {id(i.write): _outcome(i.write, waits=True) for i in waiting}
    gone = changes.retirements(retired)
    with form_read_once():
        documents = _store(written, existing, run, user, now)
    reach(Border.ROWS_WRITTEN)
    reviews.write_reviews(written, waiting, changed, run)
    reach(Border.REVIEWS_WRITTEN)
    _retire(retired, run, user, now)
    outcomes |= {id(write): _outcome(write) for write in retired}
    done = [changed[item.package["id"]] for item in written]
    changes.write_changes([*done, *gone], run, now)
    reach(Border.VERSIONS_WRITTEN)
    queued = [w.write.dataset_id for w in written] + [w.dataset_id for w in retired]
    queue_with([i.package["id"] for i in written if not outcomes[id(i.write)].waits])
    mark = index_outbox.queue(queued)
    reach(Border.OUTBOX_WRITTEN)
    model.Session.commit()
    reach(Border.BATCH_COMMITTED)
    index_outbox.send(documents, now, mark, run.courier)
    return outcomes


def _retire(retired: list[Write], run: RunContext, user: model.User, now: datetime) -> None:
    """Delete softly what the source gives no more."""
    if not retired:
        return
    reach(Border.RETIRE_BEGINS)
    ids = [write.dataset_id for write in retired]
    tables.retire(ids, run.job_id, run.source_id, user, now)
    reviews.forget(ids)
    reach(Border.RETIRED)


def rehearse_batch(writes: Sequence[Write], run: RunContext) -> None:
    """Keep what a batch would change, for the officer's screen. Writes no dataset. Commits."""
    user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    now = with_millisecond(datetime.now(UTC).replace(tzinfo=None))
    items = _validate([w for w in writes if w.dataset], run, model.User.get(user["name"]), now)
    written = [item for item in items if isinstance(item, Written)]
    told = changes.changes_of(written, _beside_what_stands(written))
    gone = changes.retirements([w for w in writes if not w.dataset])
    planned = [replace(change, before=None) for change in told.values()]
    changes.write_changes([*planned, *gone], run, now, state="planned")
    model.Session.commit()


def _beside_what_stands(written: list[Written]) -> dict[str, tables.Existing]:
    """Read what stands of these datasets, and give it its due: ids, dates, corrections."""
    existing = tables.existing([item.package["id"] for item in written]) if written else {}
    for item in written:
        before = existing.get(item.package["id"])
        if before:
            keep_ids(item.resources, before.resources)
            item.package["metadata_created"] = before.package["metadata_created"]
            item.package["creator_user_id"] = before.package["creator_user_id"]
            item.is_new = before.package["state"] != "active"
    corrections.correct(written, existing)
    reach(Border.CORRECTIONS_NOTED)
    return existing


def _refuse_foreign(writes: list[Write], run: RunContext) -> tuple[dict[int, Outcome], list[Write]]:
    """Refuse to touch a dataset that exists and that this source did not make."""
    owners = tables.owners([w.dataset_id for w in writes])
    outcomes, allowed = {}, []
    for write in writes:
        owner = owners.get(write.dataset_id)
        is_derived = write.dataset_id == dataset_id_of(run.source_id, write.remote_id)
        if owner == "" and is_derived:
            owner = run.source_id  # ours, whose record was lost: an older dump was restored
        if owner is not None and owner != run.source_id:
            title = write.draft.title if write.draft else write.remote_id
            issue = Issue("TER-PUB-004", title, owner or "saisie à la main")
            outcomes[id(write)] = _outcome(write, issue)
        else:
            allowed.append(write)
    return outcomes, allowed


def _validate(
    writes: list[Write], run: RunContext, user: model.User, now: datetime
) -> list[Written | tuple[Write, Issue]]:
    """Validate each dataset with the form; those that exist keep their name."""
    names = tables.names([w.dataset_id for w in writes])
    titles = {
        w.dataset_id: w.dataset.title for w in writes if w.dataset and w.dataset_id not in names
    }
    names |= choose_names(titles) if titles else {}
    found: list[Written | tuple[Write, Issue]] = []
    for write in writes:
        assert write.dataset
        dataset = write.dataset
        if dataset.communes:  # those elsewhere are nothing to this territory
            dataset = replace(dataset, communes=communes().of_here(dataset.communes))
        package = to_package(
            dataset, write.dataset_id, names[write.dataset_id], run.organization_id
        )
        data, fault = check_package(package, user.name)
        if fault:
            found.append((write, Issue("TER-PUB-005", write.dataset.title, fault[:500])))
            continue
        rows = resource_rows(data, now)
        tags = [tag["name"] for tag in data.get("tags", ())]
        found.append(Written(write, package_row(data, user.id, now), rows, tags))
    return found


def _store(
    written: list[Written], existing: dict[str, tables.Existing], run: RunContext,
    user: model.User, now: datetime,
) -> list[tuple[str, Row]]:  # fmt: skip
    """Write the rows of a batch and answer its public search documents by dataset id."""
    if not written:
        return []
    ids = [item.package["id"] for item in written]
    organization = organization_dict(run.organization_id)
    tables.write_packages([item.package for item in written], existing)
    tables.write_resources([r for item in written for r in item.resources], existing)
    tags = tables.write_tags({item.package["id"]: item.tags for item in written}, existing)
    tables.write_members(ids, run.organization_id)
    tables.write_harvest_objects(written, run, existing, now)
    tables.write_records([item.write for item in written], run.source_id, now)
    write_keys([item.write for item in written], list(existing))
    documents, activities = [], []
    for item in written:
        stock, ours = show_dicts(
            item.package, item.resources, tags[item.package["id"]], organization
        )
        harvested = Harvested(item.object_id, run.source_id, run.source_title)
        if not item.package["private"]:  # a private one goes to search through the outbox
            documents.append((item.package["id"], document(stock, ours, harvested, LABELS)))
        activities.append((item.package["id"], item.package["id"] in existing, ours))
    tables.write_activities(activities, user, now)
    return documents

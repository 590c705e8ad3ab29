"""Remove a source: its datasets stay or are retired, as the officer asks."""

from __future__ import annotations

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context
from sqlalchemy import text

from ckanext.territoire.catalogue import RunContext, apply_batch
from ckanext.territoire.harvest_adapter import joining, moderation
from ckanext.territoire.harvest_adapter.jobs import open_job, source_lock
from ckanext.territoire.harvest_adapter.runner import refresh_search
from ckanext.territoire.harvest_adapter.sources import StoredSource
from ckanext.territoire.harvest_adapter.store import CkanStore
from harvesters.identity import RecordState
from harvesters.plan import Action
from harvesters.ports import Write

BATCH = 500
OWN = (
    "territoire_source_record",
    "territoire_source_secret",
    "territoire_source_page",
    "territoire_source_rhythm",
    "territoire_change",
    "territoire_review",
    "territoire_origin_choice",
    "territoire_merged_dataset",
)


def remove_source(context: Context, source: StoredSource, keep_datasets: bool) -> int:
    """Remove a source and answer how many datasets were retired. Raises `Refused` when it runs."""
    toolkit.check_access("harvest_source_delete", context, {"id": source.id})
    with source_lock(source.id):
        joining.leave(source.id)
        retired = 0 if keep_datasets else _retire_all(source)
        _retire_unread(source)
        for table in OWN:
            query = text(f"DELETE FROM {table} WHERE source_id = :id")
            model.Session.execute(query, {"id": source.id})
        model.Session.execute(
            text("""UPDATE harvest_job SET status = 'Finished', finished = now() AT TIME ZONE 'utc'
                     WHERE source_id = :id AND status IN ('New', 'Running')"""),
            {"id": source.id},
        )
        model.Session.commit()
        toolkit.get_action("package_delete")(context, {"id": source.id})
    refresh_search()
    return retired


def _retire_all(source: StoredSource) -> int:
    run = RunContext(
        source_id=source.id,
        source_title=source.title,
        job_id=open_job(source),
        organization_id=source.organization_id,
    )
    known = [k for k in CkanStore(run).load_known() if k.state is not RecordState.RETIRED]
    for start in range(0, len(known), BATCH):
        batch = known[start : start + BATCH]
        apply_batch([Write(Action.RETIRE, k.dataset_id, k.remote_id, known=k) for k in batch], run)
    return len(known)


def _retire_unread(source: StoredSource) -> None:
    """What nobody has read was never published: it does not stay behind its source."""
    query = text("SELECT dataset_id FROM territoire_review WHERE source_id = :id")
    ids = [row.dataset_id for row in model.Session.execute(query, {"id": source.id})]
    moderation.refuse(source.id, ids, "")

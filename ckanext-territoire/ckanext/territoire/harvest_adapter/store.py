"""The real `Store` port: what one source has published, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote

from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire import files
from ckanext.territoire.catalogue import RunContext, apply_batch, changes, rehearse_batch
from ckanext.territoire.harvest_adapter import joining, origins
from ckanext.territoire.harvest_adapter.jobs import naive
from ckanext.territoire.live.store import store_live
from harvesters.identity import Known, RecordState, Stand
from harvesters.model import Dataset, Resource
from harvesters.ports import Live, Outcome, Write
from harvesters.seen import HASH_BYTES


@dataclass(frozen=True, slots=True)
class CkanStore:
    """Publishes for one source, in one job."""

    run: RunContext

    def load_known(self) -> Iterable[Known]:
        """Read all that this source gave, published or known beside, in one statement."""
        query = text("""
            SELECT remote_id, dataset_id, content_hash, first_url, fingerprint, upstream_uri,
                   state, missing_since, frozen_hash, 'published' AS stand
              FROM territoire_source_record WHERE source_id = :id
            UNION ALL
            SELECT remote_id, dataset_id, content_hash, first_url, fingerprint, upstream_uri,
                   state, missing_since, NULL, stand
              FROM territoire_origin WHERE source_id = :id
        """)
        rows = model.Session.execute(query, {"id": self.run.source_id})
        known = [
            Known(
                row.remote_id,
                row.dataset_id,
                bytes(row.content_hash)[:HASH_BYTES],
                row.first_url,
                row.fingerprint,
                row.upstream_uri,
                RecordState(row.state),
                row.missing_since.replace(tzinfo=UTC) if row.missing_since else None,
                bytes(row.content_hash)[HASH_BYTES:],
                frozen=None if row.frozen_hash is None else bytes(row.frozen_hash),
                stand=Stand(row.stand),
            )
            for row in rows
        ]
        model.Session.rollback()
        return known

    def owners_of(self, claims: Sequence[str]) -> Mapping[str, str]:
        """Say which claims another live source holds, in one statement."""
        query = text("""
            SELECT r.upstream_uri AS claim, coalesce(nullif(p.title, ''), p.name) AS title
              FROM territoire_source_record r JOIN package p ON p.id = r.source_id
             WHERE r.upstream_uri = ANY(:claims) AND r.source_id <> :id AND r.state <> 'retired'
        """)
        values = {"claims": list(claims), "id": self.run.source_id}
        owners = {row.claim: row.title for row in model.Session.execute(query, values)}
        model.Session.rollback()
        return owners

    def apply(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Write the datasets of a batch that no other source publishes, and answer for all."""
        batch = joining.settle_batch(writes, self.run)
        outcomes = self._publish([write for _, write in batch.publish])
        settled = {id(asked): o for (asked, _), o in zip(batch.publish, outcomes, strict=True)}
        settled |= batch.outcomes
        joining.give_back_refused(batch, settled, self.run)
        return [settled[id(write)] for write in writes]

    def _publish(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Keep the files of a batch, and write its datasets."""
        return apply_batch([_with_kept_files(w) for w in writes], self.run) if writes else ()

    def rehearse(self, writes: Sequence[Write]) -> None:
        """Keep what a batch would change, to be shown."""
        rehearse_batch(writes, self.run)

    def set_missing(self, remote_ids: Sequence[str], since: datetime | None) -> None:
        """Mark records missing, or live again, in one statement a table."""
        model.Session.execute(
            text("""UPDATE territoire_source_record
                       SET state = :state, missing_since = :since,
                           frozen_hash = nullif(frozen_hash, '')
                     WHERE source_id = :id AND remote_id = ANY(:ids)"""),
            {
                "state": (RecordState.MISSING if since else RecordState.LIVE).value,
                "since": naive(since) if since else None,
                "id": self.run.source_id,
                "ids": list(remote_ids),
            },
        )
        origins.set_missing(self.run.source_id, remote_ids, naive(since) if since else None)
        if since:
            changes.mark_missing(remote_ids, self.run, naive(since))
        model.Session.commit()

    def keep_live(self, live: Mapping[str, Live]) -> int:
        """Store the series and last values of the datasets of this source."""
        return store_live(self.run.source_id, live)


def file_address(dataset_id: str, name: str) -> str:
    """Answer the permanent address of a file that we keep."""
    return f"{toolkit.config['ckan.site_url']}/dataset/{dataset_id}/fichier/{quote(name)}"


def _with_kept_files(write: Write) -> Write:
    if not write.dataset or not any(r.content is not None for r in write.dataset.resources):
        return write
    return replace(write, dataset=_keep_files(write.dataset, write.dataset_id))


def _keep_files(dataset: Dataset, dataset_id: str) -> Dataset:
    return replace(dataset, resources=tuple(_keep(r, dataset_id) for r in dataset.resources))


def _keep(resource: Resource, dataset_id: str) -> Resource:
    if resource.content is None:
        return resource
    kept = files.keep(resource.content)
    return replace(
        resource,
        url=file_address(dataset_id, resource.name),
        size_bytes=len(resource.content),
        sha256=kept,
        content=None,
    )

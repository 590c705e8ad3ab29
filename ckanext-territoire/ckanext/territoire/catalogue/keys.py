"""The keys of the files and pages of published datasets, by which two routes meet."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from ckan import model

from harvesters.ports import Write
from harvesters.same import file_keys, page_key

INSERT = """
    INSERT INTO territoire_dataset_key (dataset_id, kind, key)
    SELECT * FROM unnest(cast(:ids AS text[]), cast(:kinds AS text[]), cast(:keys AS bigint[]))
"""


def write_keys(writes: Sequence[Write], known: Sequence[str]) -> None:
    """Replace the keys of a batch, in its transaction; `known` are those written before."""
    if known:
        query = "DELETE FROM territoire_dataset_key WHERE dataset_id = ANY(:ids)"
        model.Session.execute(sa.text(query), {"ids": list(known)})
    rows: list[tuple[str, str, int]] = []
    for write in writes:
        if write.dataset:
            rows += [(write.dataset_id, "file", key) for key in file_keys(write.dataset)]
            page = page_key(write.dataset)
            rows += [(write.dataset_id, "page", page)] if page is not None else []
    if rows:
        ids, kinds, keys = (list(column) for column in zip(*rows, strict=True))
        model.Session.execute(sa.text(INSERT), {"ids": ids, "kinds": kinds, "keys": keys})

"""Files that nothing refers to any more leave the disk, once their time is over.

A file is in use while a resource, the last copy of a table or a delivery that stands names it; the
same content may be named by several. The day on which it is first seen without use is written
down, and it is erased `file.former_days` later; one that was taken out of a history, after
`file.withdrawn_days`, or at once when it is asked for. Each erased file is a line of the journal.
What was taken out is remembered beside the files too (`erased`), so that a backup that is restored
does not bring it back.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire import config, files
from ckanext.territoire.audit.acts import Act
from ckanext.territoire.audit.journal import write
from ckanext.territoire.delivery.database import read

UPLOADS = "resources"  # of CKAN: one file for each resource, named by its id
FRESH_S = 24 * 3600  # its row may not be written yet
IN_USE = sa.text("""
    WITH shown AS (SELECT r.id, r.hash FROM resource r JOIN package p ON p.id = r.package_id
                    WHERE r.state = 'active' AND p.state <> 'deleted')
    SELECT hash FROM shown WHERE hash <> ''
     UNION SELECT t.sha256 FROM territoire_table t JOIN shown ON shown.id = t.resource_id
     UNION SELECT 'resources/' || id FROM shown
""")
# what is published, what waits, and the last file of each table, that comes back with its dataset
OF_DELIVERIES = """
    SELECT DISTINCT sha256 FROM territoire.delivery d
     WHERE state IN ('draft', 'held', 'live')
        OR number = (SELECT max(number) FROM territoire.delivery o WHERE o.feed_id = d.feed_id)
"""
MARK = sa.text("""
    INSERT INTO territoire_unused_file (name) SELECT unnest(cast(:names AS text[]))
    ON CONFLICT DO NOTHING
""")
UNMARK = sa.text("DELETE FROM territoire_unused_file WHERE name <> ALL (cast(:names AS text[]))")
DUE = sa.text("""
    SELECT name FROM territoire_unused_file
     WHERE since < timezone('utc', now()) - make_interval(days => :former)
        OR name IN (SELECT sha256 FROM territoire_table_version
                     WHERE hidden_at <= timezone('utc', now()) - make_interval(days => :withdrawn))
""")
TOLD = sa.text("""
    SELECT v.dataset_id, p.title, coalesce(p.owner_org, '') AS org_id,
           bool_or(v.hidden_at IS NOT NULL) AS is_hidden
      FROM territoire_table_version v JOIN package p ON p.id = v.dataset_id
     WHERE v.sha256 = :name GROUP BY v.dataset_id, p.title, p.owner_org
""")


def erase_unused() -> int:
    """Erase the files whose time is over; answer how many. Commits."""
    used = _in_use()
    unused = [name for name in _on_disk() if name not in used]
    model.Session.execute(UNMARK, {"names": unused})
    model.Session.execute(MARK, {"names": unused})
    days = {"former": config.former_days(), "withdrawn": config.withdrawn_days()}
    due = list(model.Session.execute(DUE, days).scalars())
    model.Session.commit()
    return sum(_erase(name) for name in due)


def erase_now(sha256: str) -> bool:
    """Erase a file at once; say whether it has gone. One that is still in use stays."""
    return sha256 not in _in_use() and _erase(sha256, fresh_s=0)


def _in_use() -> frozenset[str]:
    with model.meta.engine.connect() as connection:
        named = connection.execute(IN_USE).scalars().all()
    return frozenset([*named, *(row["sha256"] for row in read(OF_DELIVERIES))])


def _on_disk() -> Iterator[str]:
    """The name of each file: a sha256, or `resources/<id>`."""
    for path in files.folder().glob("??/*"):
        if files.is_hash(path.name):
            yield path.name
    for path in (files.folder().parent / UPLOADS).glob("???/???/*"):
        yield f"{UPLOADS}/{path.parent.parent.name}{path.parent.name}{path.name}"


def _path(name: str) -> Path:
    if files.is_hash(name):
        return files.path_of(name)
    told = name.removeprefix(f"{UPLOADS}/")
    return files.folder().parent / UPLOADS / told[:3] / told[3:6] / told[6:]


def _erase(name: str, fresh_s: float = FRESH_S) -> bool:
    path = _path(name)
    if not path.is_file() or time.time() - path.stat().st_mtime < fresh_s:
        return False
    told = model.Session.execute(TOLD, {"name": name}).all()
    if any(row.is_hidden for row in told):
        files.remember_erased(name)
    path.unlink()
    site_user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    acts = [Act("territoire_file_erase", r.dataset_id, r.title, r.org_id) for r in told]
    write(site_user["name"], acts or [Act("territoire_file_erase", name, name, "")])
    return True

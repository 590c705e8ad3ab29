"""What the platform holds, in words that two runs of one story share: no id, no moment, no port.

Two snapshots are equal when nothing was lost, doubled or left half done on the way to the second.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import requests
from ckan import model
from ckan.common import config
from sqlalchemy import text

Rows = list[str]

# Every id that a row may name, and the words that stand for it.
NAMES = """
    SELECT id, type || ':' || name AS told FROM package WHERE name LIKE :like
    UNION ALL
    SELECT j.id, 'run ' || row_number() OVER (PARTITION BY j.source_id ORDER BY j.created) FROM
           harvest_job j JOIN package p ON p.id = j.source_id WHERE p.name LIKE :like
"""
OWN = "(SELECT id FROM package WHERE name LIKE :like AND type = 'harvest')"
DATASETS = "(SELECT id FROM package WHERE name LIKE :like AND type = 'dataset')"
# hashes cover the tag: tell whether there is one, and what was refused
HASHES = """length(content_hash), CASE WHEN frozen_hash IS NULL THEN 'follows'
    WHEN frozen_hash = '' THEN 'stays though absent'
    WHEN frozen_hash = substring(content_hash FOR 16) THEN 'stays as it is' ELSE 'stays' END"""
TABLES = {
    "package": f"""SELECT name, title, notes, state, private, license_id, extras, url
                     FROM package WHERE id IN {DATASETS}""",
    "resource": f"""SELECT package_id, url, name, format, position, state FROM resource
                     WHERE package_id IN {DATASETS}""",
    "tag": f"""SELECT pt.package_id, t.name, pt.state FROM package_tag pt
                 JOIN tag t ON t.id = pt.tag_id WHERE pt.package_id IN {DATASETS}""",
    "member": f"SELECT table_id, capacity, state FROM member WHERE table_id IN {DATASETS}",
    "activity": f"""SELECT object_id, activity_type, permission_labels FROM activity
                     WHERE object_id IN {DATASETS}""",
    "current object": f"""SELECT package_id, count(*) FROM harvest_object
                           WHERE current AND package_id IN {DATASETS} GROUP BY package_id""",
    "record": f"""SELECT source_id, remote_id, dataset_id, {HASHES}, state, missing_since IS NULL,
                         upstream_uri FROM territoire_source_record WHERE source_id IN {OWN}""",
    "origin": f"""SELECT source_id, remote_id, dataset_id, length(content_hash), stand, state,
                         missing_since IS NULL FROM territoire_origin WHERE source_id IN {OWN}""",
    "event": f"""SELECT act, dataset_id, source_id, remote_id, actor FROM territoire_same_event
                  WHERE source_id IN {OWN}""",
    "choice": f"""SELECT dataset_id, source_id FROM territoire_origin_choice
                   WHERE source_id IN {OWN}""",
    "merged": f"""SELECT former_id, dataset_id, source_id, addresses FROM territoire_merged_dataset
                   WHERE source_id IN {OWN}""",
    "overlay": f"""SELECT dataset_id, field, correction, said, says FROM territoire_overlay
                    WHERE dataset_id IN {DATASETS}""",
    "review": f"SELECT dataset_id, kind, title FROM territoire_review WHERE source_id IN {OWN}",
    "change": f"""SELECT job_id, dataset_id, remote_id, action, title, state, before IS NULL,
                         details FROM territoire_change WHERE source_id IN {OWN}""",
    "run": f"SELECT job_id, state FROM territoire_run WHERE source_id IN {OWN}",
    "job": f"SELECT id, status FROM harvest_job WHERE source_id IN {OWN}",
    "decision": f"""SELECT source_id, job_id, kind, facts - 'titles', decided_by
                      FROM territoire_source_decision WHERE source_id IN {OWN}""",
    "table": f"""SELECT r.package_id, r.url, t.state FROM territoire_table t
                   JOIN resource r ON r.id = t.resource_id WHERE t.dataset_id IN {DATASETS}""",
    "page": f"""SELECT source_id, url, length(held) > 0 FROM territoire_source_page
                 WHERE source_id IN {OWN}""",
    "series": f"""SELECT source_id, remote_id, dataset_id, unit FROM territoire_series
                   WHERE source_id IN {OWN}""",
    "value": f"""SELECT s.remote_id, count(*) FROM territoire_observation o
                   JOIN territoire_series s ON s.id = o.series_id WHERE s.source_id IN {OWN}
                  GROUP BY s.remote_id""",
    "key": f"""SELECT dataset_id, kind, count(*) FROM territoire_dataset_key
                WHERE dataset_id IN {DATASETS} GROUP BY dataset_id, kind""",
    "outbox": "SELECT dataset_id FROM territoire_index_outbox",
}  # fmt: skip


def snapshot(tag: str) -> Mapping[str, Rows]:
    """Tell what is held of the story `tag`: every table that a harvest writes, and search."""
    model.Session.remove()
    like = {"like": f"%{tag}%"}
    names = {row.id: row.told for row in model.Session.execute(text(NAMES), like)}
    found = {
        table: sorted(_told(row, names, tag) for row in model.Session.execute(text(query), like))
        for table, query in TABLES.items()
    }
    model.Session.rollback()
    return found | {"search": [_plain(line, tag) for line in in_search(tag)]}


def _told(row: Any, names: Mapping[str, str], tag: str) -> str:
    parts = [bytes(v).hex() if isinstance(v, memoryview | bytes) else v for v in row]
    return _plain(" | ".join(str(names.get(part, part)) if isinstance(part, str) else repr(part)
                             for part in parts), tag)  # fmt: skip


def _plain(line: str, tag: str) -> str:
    line = re.sub(r"127\.0\.0\.1:\d+", "portal", line.replace(tag, "TAG"))
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "ID", line)


def in_search(tag: str) -> Rows:
    """List what search shows of a story, with what it says of each dataset."""
    params = {"q": f"name:*{tag}*", "fq": "+dataset_type:dataset", "rows": "1000",
              "fl": "name,title,capacity,state,tags"}  # fmt: skip
    answer = requests.get(f"{config['solr_url']}/select", params=params, timeout=60).json()
    return sorted(str(sorted(doc.items())) for doc in answer["response"]["docs"])


def told_apart(one: Mapping[str, Rows], other: Mapping[str, Rows]) -> str:
    """Say where two snapshots differ, a line a row, for the message of a failed test."""
    lines = []
    for table in one:
        lost, more = Counter(one[table]), Counter(other[table])
        lines += [f"- {table}: {row}" for row in (lost - more).elements()]
        lines += [f"+ {table}: {row}" for row in (more - lost).elements()]
    return "\n".join(lines)

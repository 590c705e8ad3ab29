"""Keep what is deposited: an uploaded file, the file at an address, or rows typed in the grid."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ckanext.territoire import files
from ckanext.territoire.delivery.publish import File
from ckanext.territoire.harvest_adapter import hosts
from harvesters.errors import Refused
from harvesters.model import Issue, Request, Role
from schemas.model import Schema

MAX_MB = 200


def keep_upload(upload: Any) -> File:
    """Keep an uploaded file (werkzeug's `FileStorage`)."""
    name = Path(str(upload.filename or "")).name
    with tempfile.NamedTemporaryFile(dir=files.draft_folder(), delete=False) as draft:
        size = 0
        while chunk := upload.stream.read(1 << 20):
            size += len(chunk)
            if size > MAX_MB * 1_000_000:
                Path(draft.name).unlink()
                raise Refused(Issue("TER-TAB-078", expected=str(MAX_MB)))
            draft.write(chunk)
    return File(files.keep_file(Path(draft.name)), name)


def keep_address(url: str) -> File:
    """Fetch the file at an address and keep it."""
    fetcher = hosts.way_out()
    with tempfile.NamedTemporaryFile(dir=files.draft_folder(), delete=False) as draft:
        path = Path(draft.name)
    try:
        got = fetcher.fetch_to_file(Request(url, Role.FILE), path)
        if isinstance(got, Issue):
            raise Refused(got)
        name = unquote(urlsplit(url).path.rsplit("/", 1)[-1]) or "fichier"
        return File(files.keep_file(path, got.sha256), name)
    finally:
        path.unlink(missing_ok=True)


def keep_rows(schema: Schema, rows: Sequence[Mapping[str, Any]]) -> File:
    """Keep rows typed in the grid as a CSV with the columns of the schema; empty rows are left."""
    names = [each.name for each in schema.fields]
    told = [[str(row.get(name) or "").strip() for name in names] for row in rows]
    with tempfile.NamedTemporaryFile(
        "w", dir=files.draft_folder(), delete=False, encoding="utf-8", newline=""
    ) as draft:
        writer = csv.writer(draft, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(cells for cells in told if any(cells))
    return File(files.keep_file(Path(draft.name)), f"saisie-{schema.slug}.csv")

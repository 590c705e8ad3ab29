"""Bring the file of a resource here: ours already, uploaded to CKAN, or away on the web."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ckan import model
from ckan.lib import uploader
from ckan.plugins import toolkit

from ckanext.territoire import files
from ckanext.territoire.table.record import Record
from harvesters.fetch import Fetcher
from harvesters.model import Issue, Request, Role

NOT_MODIFIED = 304


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that is kept; `validators` are what its server wants to be asked with next time.
    `is_same` says that the server has nothing newer."""

    sha256: str
    validators: dict[str, str] = field(default_factory=dict)
    is_same: bool = False


def is_ours(resource: Any) -> bool:
    """Say whether a resource is a file that we made or keep ourselves, at an address of ours."""
    start = f"{toolkit.config['ckan.site_url']}/dataset/{resource.package_id}/fichier/"
    return str(resource.url).startswith(start) and files.is_hash(resource.hash or "")


def bring(resource: Any, record: Record, fetcher: Fetcher) -> Brought | Issue:
    """Keep the file of a resource (a `model.Resource`)."""
    if is_ours(resource):
        is_kept = files.path_of(resource.hash).exists()
        return Brought(resource.hash) if is_kept else Issue("TER-TAB-020")
    if resource.url_type == "upload":
        path = _uploaded(resource)
        return Brought(files.keep_copy(path)) if path.is_file() else Issue("TER-TAB-020")
    return _fetch(resource.url, record, fetcher)


def _uploaded(resource: Any) -> Path:
    found = uploader.get_resource_uploader({"id": resource.id, "url_type": "upload"})
    return (
        Path(toolkit.config["ckan.storage_path"]) / "resources" / str(found.get_path(resource.id))
    )


def _fetch(url: str, record: Record, fetcher: Fetcher) -> Brought | Issue:
    known = record.reading.get("http") or {}
    has_copy = files.is_hash(record.sha256) and files.path_of(record.sha256).exists()
    is_same_address = known.get("url") == url
    asked = {
        "If-None-Match": known.get("etag"),
        "If-Modified-Since": known.get("last-modified"),
    }
    headers = tuple((k, v) for k, v in asked.items() if v and has_copy and is_same_address)
    with tempfile.NamedTemporaryFile(dir=files.draft_folder(), delete=False) as draft:
        path = Path(draft.name)
    try:
        model.Session.rollback()  # no transaction stays open while the network is waited for
        got = fetcher.fetch_to_file(Request(url, Role.FILE, headers), path)
        if isinstance(got, Issue):
            return got
        validators = {k: got.headers[k] for k in ("etag", "last-modified") if k in got.headers}
        if got.status == NOT_MODIFIED:
            return Brought(record.sha256, known | validators, is_same=True)
        return Brought(files.keep_file(path, got.sha256), {"url": url, **validators})
    finally:
        path.unlink(missing_ok=True)

"""The files that we keep, served to those who may see their resource.

`/dataset/<id>/fichier/<name>` is the permanent address of a file made by a source;
`/dataset/<id>/resource/<rid>/fichier/<name>` the last good copy of any table. A file is always an
attachment: whatever it holds, a browser runs none of it here.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ckan.plugins import toolkit
from ckan.types import Response
from flask import Blueprint, send_file

from ckanext.territoire import files
from ckanext.territoire.portal.safe_dump import defuse_dump
from ckanext.territoire.table.record import load_record

kept_files = Blueprint("territoire_files", __name__)
kept_files.after_app_request(defuse_dump)

TYPES = {
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "json": "application/json",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "tsv": "text/tab-separated-values",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


@kept_files.route("/dataset/<id>/fichier/<name>")
def by_name(id: str, name: str) -> Response:
    """Serve the file of this name of a dataset."""
    package = _shown("package_show", id)
    end = f"/dataset/{package['id']}/fichier/{quote(name)}"
    for resource in package["resources"]:
        if str(resource["url"]).endswith(end) and files.is_hash(resource.get("hash") or ""):
            return send_kept(resource["hash"], name, package)
    return toolkit.abort(404, "Ce fichier n’existe pas ou plus.")


@kept_files.route("/dataset/<id>/resource/<resource_id>/fichier/<name>")
def kept_copy(id: str, resource_id: str, name: str) -> Response:
    """Serve the last good copy of the file of a resource."""
    package = _shown("package_show", id)
    resource = next((r for r in package["resources"] if r["id"] == resource_id), None)
    found = load_record(resource_id) if resource else None
    if not found or not files.is_hash(found.sha256):
        return toolkit.abort(404, "Ce fichier n’existe pas ou plus.")
    return send_kept(found.sha256, name, package)


def _shown(action: str, id: str) -> dict[str, Any]:
    """Show with the rights of the visitor; what is hidden is as absent."""
    try:
        return dict(toolkit.get_action(action)({}, {"id": id}))
    except (toolkit.ObjectNotFound, toolkit.NotAuthorized):
        return toolkit.abort(404, "Ce jeu de données n’existe pas ou plus.")


def send_kept(sha256: str, name: str, package: dict[str, Any]) -> Response:
    """Serve a kept file as an attachment, which no browser runs; `package` is its dataset."""
    path = files.path_of(sha256)
    if not path.is_file():
        return toolkit.abort(404, "Ce fichier n’existe pas ou plus.")
    extension = name.rsplit(".", 1)[-1].lower()
    answer: Any = send_file(
        path,
        mimetype=TYPES.get(extension, "application/octet-stream"),
        as_attachment=True,
        download_name=name,
        etag=sha256,
        conditional=True,
    )
    is_public = not package.get("private") and package.get("state") == "active"
    answer.headers["Cache-Control"] = f"{'public' if is_public else 'private'}, no-cache"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer

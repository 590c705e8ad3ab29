"""`/api/territoire/v1/archive.zip`: all that is open, in one file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, send_file

from ckanext.territoire.api.error import open_to_all, refuse
from ckanext.territoire.archive.build import current
from harvesters.model import Issue

archive = Blueprint("territoire_archive", __name__)


@archive.route("/api/territoire/v1/archive.zip")
def whole() -> Response:
    """Serve the last archive; it may be taken in parts, and not again while it is the same."""
    built = current()
    if not built:
        return refuse(503, Issue("TER-API-201"))
    answer: Any = send_file(
        built.path, mimetype="application/zip", as_attachment=True,
        download_name="donnees-ouvertes.zip", etag=built.state, conditional=True,
    )  # fmt: skip
    answer.headers["Cache-Control"] = "public, no-cache"
    return open_to_all(answer)

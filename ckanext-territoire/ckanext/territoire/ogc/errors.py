"""Every failure as the one shape of our errors: what went wrong inside is logged, never told."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import asyncpg
import orjson
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.requests import Request

from ckanext.territoire.api.asked import Fault
from ckanext.territoire.api.error_shape import to_shape
from ckanext.territoire.ogc.refusal import RETRY_S, Refusal, busy, cut
from ckanext.territoire.ogc.settings import Settings
from harvesters.model import Issue

log = logging.getLogger(__name__)
TIMEOUT_S = "5"


def to_refusal(fault: BaseException, path: str) -> Refusal:
    """Say what a failure is to the caller."""
    match fault:
        case Refusal():
            return fault
        case TimeoutError():  # no connection became free
            return busy()
        case asyncpg.PostgresError() | asyncpg.InterfaceError() | OSError():
            return _of_database(fault, path)
        case HTTPException(status_code=404):
            return Refusal(404, Fault(Issue("TER-API-182", found=cut(path))))
        case HTTPException(status_code=405):
            return Refusal(405, Fault(Issue("TER-API-180", found="demandée")))
    log.error("a request could not be answered", exc_info=fault)
    return Refusal(500, Fault(Issue("TER-API-214")), RETRY_S)


def _of_database(fault: BaseException, path: str) -> Refusal:
    match fault:
        case asyncpg.QueryCanceledError():
            return Refusal(503, Fault(Issue("TER-API-175", found=TIMEOUT_S)))
        case asyncpg.TooManyConnectionsError():
            return busy()
        case asyncpg.InsufficientPrivilegeError() | asyncpg.UndefinedTableError():
            # the table has gone between two looks at the list
            return Refusal(404, Fault(Issue("TER-API-215", found=cut(path), expected="aucun")))
        case asyncpg.DataError() | asyncpg.SyntaxOrAccessError() | asyncpg.InternalServerError():
            return Refusal(400, Fault(Issue("TER-API-216"), "filter"))
    return Refusal(503, Fault(Issue("TER-API-176")), RETRY_S)


def to_answer(refusal: Refusal, settings: Settings) -> tuple[int, Mapping[str, str], bytes]:
    """Write a refusal: status, headers, body."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    if refusal.retry_s:
        headers["Retry-After"] = str(refusal.retry_s)
    body = orjson.dumps({"error": to_shape(refusal.fault, settings.site_url)})
    return refusal.status, headers, body


def answer(request: Request, fault: Exception) -> Response:
    """Answer a request that failed."""
    settings: Settings = request.app.state.territoire.settings
    status, headers, body = to_answer(to_refusal(fault, request.url.path), settings)
    return Response(body, status, dict(headers))

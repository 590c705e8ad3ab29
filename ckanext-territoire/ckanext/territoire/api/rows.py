"""`/api/territoire/v1/tables/<slug>/rows`: the rows of a merged table, asked as one needs them."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, request

from ckanext.territoire.api.asked import Query
from ckanext.territoire.api.cursor import mark_of, write_cursor
from ckanext.territoire.api.error import refuse, refuse_all, stop
from ckanext.territoire.api.given import cut
from ckanext.territoire.api.gone_columns import stop_at_gone_columns
from ckanext.territoire.api.gone_rows import gone_since
from ckanext.territoire.api.open_table import (
    Table,
    add_headers,
    asked_pairs,
    known_of,
    open_table,
)
from ckanext.territoire.api.page import TYPES, Page, to_body, to_feature
from ckanext.territoire.api.read_query import read_one, read_query
from ckanext.territoire.api.reading import (
    Found,
    TooSlow,
    Unreachable,
    Vanished,
    read_keys,
    read_rows,
    timeout_ms,
)
from ckanext.territoire.api.sql_text import Statement
from ckanext.territoire.api.tables import tables
from ckanext.territoire.api.to_sql import to_neighbours, to_one, to_sql
from ckanext.territoire.api.values import is_clean
from ckanext.territoire.developers.calls import note_columns
from ckanext.territoire.developers.columns_used import columns_used
from ckanext.territoire.portal.typography import day
from harvesters.model import Issue

SHAPE = 1  # of the answers: a new one makes every tag new
RETRY_S = 30


@tables.route("/<slug>/rows")
@tables.route("/<slug>/rows.<ending>")
def page(slug: str, ending: str = "") -> Response:
    """Answer a page of rows, or of groups."""
    table, pairs = open_table(slug), asked_pairs()
    stop_at_gone_columns(table.slug, pairs)
    known = known_of(table)
    query = read_query(pairs, known)
    if not isinstance(query, Query):
        stop(refuse_all(400, query))
    ending = _ending(ending, tuple(TYPES), known.is_placed and not query.is_grouped)
    _note(table, query, ending)
    tag = _tag(table, ending)
    if request.if_none_match.contains_weak(tag):
        return _answer(table, make_response("", 304), tag)
    statement = to_sql(query, table.merged.resource_id, ending == "geojson")
    found = _read(table, statement)
    told = _to_page(table, query, found)
    answer = make_response(to_body(told, ending))
    answer.content_type = TYPES[ending]
    if told.next:
        answer.headers.add("Link", f'<{told.next}>; rel="next"')
    return _answer(table, answer, tag)


@tables.route("/<slug>/rows/<path:key>", merge_slashes=False)
def one(slug: str, key: str) -> Response:
    """Answer the row of a key."""
    table, pairs = open_table(slug), asked_pairs()
    stop_at_gone_columns(table.slug, pairs)
    known = known_of(table)
    query = read_one(pairs, known)
    if not isinstance(query, Query):
        stop(refuse_all(400, query))
    ending = _ending("", ("json", "geojson"), known.is_placed)
    _note(table, query, ending)
    if not is_clean(key):
        stop(refuse(404, Issue("TER-API-181", found=cut(key), expected="aucun"), "key"))
    tag = _tag(table, ending)
    if request.if_none_match.contains_weak(tag):
        return _answer(table, make_response("", 304), tag)
    found = _read(table, to_one(query, table.merged.resource_id, key, ending == "geojson"))
    if not found.rows:
        stop(_unknown(table, key))
    row = found.rows[0]
    is_json = ending == "json"
    answer = make_response(row.row if is_json else to_feature(row.row, row.shape, row.key))
    answer.content_type = TYPES[ending]
    return _answer(table, answer, tag)


def _note(table: Table, query: Query, ending: str) -> None:
    """Remember which columns the call uses; those of the sandbox are of no table."""
    if not table.is_sandbox:
        has_fields, has_shape = bool(request.args.get("fields")), ending == "geojson"
        note_columns(table.slug, columns_used(query, table.schema, has_fields, has_shape))


def _ending(asked: str, choices: tuple[str, ...], is_placed: bool) -> str:
    """The format asked by the end of the address, else by `Accept`, else JSON."""
    able = tuple(each for each in choices if is_placed or each != "geojson")
    listed = ", ".join(able)
    if asked:
        if asked not in able:
            issue = Issue("TER-API-151", found=cut(asked), expected=listed)
            stop(refuse(400, issue, "format", able))
        return asked
    types = {TYPES[each].partition(";")[0]: each for each in able}
    accepted = request.accept_mimetypes
    if not accepted:
        return "json"
    best = accepted.best_match(types)
    if best is None:
        issue = Issue("TER-API-177", found=cut(str(accepted)), expected=", ".join(types))
        stop(refuse(406, issue, "Accept", tuple(types)))
    return types[best]


def _tag(table: Table, ending: str) -> str:
    """A tag of the state of the table and of the request, known before any row is read."""
    asked = sorted(request.args.items(multi=True))
    merged = table.merged
    columns = (merged.schema_id, table.schema.field_names)
    told = (SHAPE, merged.resource_id, merged.cursor, columns, ending, request.path, asked)
    return hashlib.sha256(repr(told).encode(errors="replace")).hexdigest()[:24]


def _answer(table: Table, answer: Any, tag: str) -> Response:
    answer.set_etag(tag, weak=True)
    answer.headers.add("Link", f'<{table.address}/schema>; rel="describedby"')
    return add_headers(answer, table)


def _read(table: Table, statement: Statement) -> Found:
    """Read rows; a request that is too slow, or a database that is away, ends with 503."""
    try:
        return read_rows(statement)
    except TooSlow:
        seconds = f"{timeout_ms() / 1000:g}".replace(".", ",")
        stop(refuse(503, Issue("TER-API-175", found=seconds), "", ()))
    except Unreachable:
        answer = refuse(503, Issue("TER-API-176"))
        answer.headers["Retry-After"] = str(RETRY_S)
        stop(answer)
    except Vanished:
        slug = table.merged.slug
        stop(refuse(404, Issue("TER-API-154", found=slug, expected="aucun"), "slug"))


def _to_page(table: Table, query: Query, found: Found) -> Page:
    shown = found.rows[: query.limit]
    following = ""
    if len(found.rows) > query.limit:
        mark = mark_of(table.merged.slug, query.sorts, query.near)
        following = _next(table, write_cursor(mark, shown[-1].place))
    return Page(
        query.shown,
        tuple(each.row for each in shown),
        tuple(each.shape for each in shown),
        tuple(each.key for each in shown),
        following,
        found.total,
    )


def _next(table: Table, cursor: str) -> str:
    pairs = [pair for pair in request.args.items(multi=True) if pair[0] != "after"]
    end = request.path.rpartition("/")[2]  # with its format, when the address has one
    return f"{table.address}/{end}?{urlencode([*pairs, ('after', cursor)])}"


def _unknown(table: Table, key: str) -> Response:
    """Say that no row has this key: the day it left, or the keys that stand beside it."""
    left = gone_since(table.merged.slug, key)
    if left:
        return refuse(410, Issue("TER-API-173", where=cut(key), found=day(left)), "key")
    try:
        near = tuple(sorted(read_keys(to_neighbours(table.merged.resource_id, key))))
    except (TooSlow, Unreachable, Vanished):
        near = ()
    listed = ", ".join(near) or "aucun"
    return refuse(404, Issue("TER-API-181", found=cut(key), expected=listed), "key", near)

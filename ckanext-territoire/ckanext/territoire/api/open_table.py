"""The merged table that an address names, as far as its reader may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from ckan.plugins import toolkit
from ckan.types import Context
from flask import Response, redirect, request

from ckanext.territoire.api.asked import Known
from ckanext.territoire.api.columns import columns_of, own_columns
from ckanext.territoire.api.error import open_to_all, refuse, stop
from ckanext.territoire.api.gone_columns import open_schema
from ckanext.territoire.delivery.merged import Merged, address, load_merged
from ckanext.territoire.developers import sandbox
from ckanext.territoire.developers.announced import find_announcement
from ckanext.territoire.developers.announced_headers import PAGE, deprecation, sunset
from ckanext.territoire.developers.calls import note_columns
from ckanext.territoire.minute import kept_a_minute
from ckanext.territoire.portal.typography import day
from ckanext.territoire.territory import members
from ckanext.territoire.territory.names import spelling
from harvesters.model import Issue
from schemas.announcements import Announcement
from schemas.load import latest, slugs
from schemas.model import Schema
from schemas.near import near_slugs

PATH = "/api/territoire/v1/tables"


@dataclass(frozen=True, slots=True)
class Table:
    """A table that the reader may see, and what is announced of it."""

    schema: Schema
    merged: Merged
    announcement: Announcement | None = None

    @property
    def slug(self) -> str:
        """The name of the table, in the sandbox too."""
        return self.schema.slug

    @property
    def is_sandbox(self) -> bool:
        """Say whether its rows are the fixed ones."""
        return self.merged.slug != self.slug

    @property
    def address(self) -> str:
        """Its permanent address, without an ending."""
        return self.root + self.slug

    @property
    def root(self) -> str:
        """What stands before its name in addresses."""
        inner = sandbox.PATH if self.is_sandbox else PATH
        return f"{toolkit.config['ckan.site_url']}{inner}/"


def open_table(slug: str) -> Table:
    """Find a table; what is unknown or hidden ends the request with 404, a new name with 308, what
    has gone with 410. Below the address of the sandbox, its table of fixed rows."""
    if request.blueprint == sandbox.BLUEPRINT:
        return _open_sandbox(slug)
    told = find_announcement(slug)
    if told and told.is_new_name:
        stop(_lead_to(told))
    if told and told.is_over(datetime.now(UTC).date()):
        stop(_gone(told))
    merged = load_merged(slug) if slug in slugs() else None
    if merged is None or not is_shown(merged.dataset_id):
        _refuse_unknown(slug)
    note_columns(slug, ())
    return Table(open_schema(merged.schema_id), merged, told)


def _open_sandbox(slug: str) -> Table:
    if slug not in slugs():
        _refuse_unknown(slug)
    schema = latest(slug)
    return Table(schema, sandbox.ensure(schema))


def _refuse_unknown(slug: str) -> NoReturn:
    near = near_slugs(slug, [latest(each) for each in slugs()])
    listed = ", ".join(near) or "aucun"
    stop(refuse(404, Issue("TER-API-154", found=slug[:80], expected=listed), "slug", near))


def is_shown(dataset_id: str) -> bool:
    """Say whether the reader may see the dataset of a table; what is hidden is as absent."""
    try:
        toolkit.check_access("package_show", Context(user=toolkit.g.user), {"id": dataset_id})
    except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
        return False
    return True


def known_of(table: Table) -> Known:
    """What a request on this table may name."""
    communes, names = sandbox.communes() if table.is_sandbox else _communes()
    return Known(
        table.merged.slug,
        columns_of(table.schema),
        own_columns(table.schema),
        table.schema.position is not None,
        communes,
        names,
    )


def asked_pairs() -> list[tuple[str, str]]:
    """The parameters of the request; the word that only the sandbox knows is none of a table."""
    is_fixed = request.blueprint == sandbox.BLUEPRINT
    pairs = request.args.items(multi=True)
    return [pair for pair in pairs if not (is_fixed and pair[0] == sandbox.SIMULATE)]


def audience() -> str:
    """Say who may keep an answer: what somebody signed in sees is for them alone."""
    return "private" if toolkit.g.user else "public"


def add_headers(answer: Response, table: Table) -> Response:
    """Say of whom an answer may be kept, and until when its address is served."""
    answer.headers["Cache-Control"] = f"{audience()}, no-cache"
    answer.vary.update(("Accept", "Authorization", "Cookie"))
    told = table.announcement
    if told and told.until:
        answer.headers["Deprecation"] = deprecation(told.since)
        answer.headers["Sunset"] = sunset(told.until)
        page = f"{toolkit.config['ckan.site_url']}{PAGE}"
        answer.headers.add("Link", f'<{page}>; rel="deprecation"; type="text/html"')
        if told.becomes:
            successor = f'<{address(told.becomes)}>; rel="successor-version"'
            answer.headers.add("Link", successor)
    return open_to_all(answer)


def to_notice(told: Announcement | None) -> dict[str, str | None] | None:
    """What is announced of a table, as its description tells it."""
    if told is None or told.until is None:
        return None
    return {
        "since": told.since.isoformat(),
        "until": told.until.isoformat(),
        "becomes": told.becomes or None,
        "why": told.why,
    }


def _lead_to(told: Announcement) -> Response:
    path = request.full_path if request.query_string else request.path
    rest = path.removeprefix(f"{PATH}/{told.slug}")
    return open_to_all(redirect(f"{PATH}/{told.becomes}{rest}", code=308))


def _gone(told: Announcement) -> Response:
    becomes = told.becomes or "aucune"
    issue = Issue("TER-API-174", where=told.slug, found=day(told.until), expected=becomes)
    return refuse(410, issue, "slug", (told.becomes,) if told.becomes else ())


@kept_a_minute
def _communes() -> tuple[dict[str, str], tuple[str, ...]]:
    """Each way of writing a member (INSEE code, SIREN, name), and the names; homonyms have none."""
    known = members.members()
    ways: dict[str, set[str]] = {}
    for commune in known:
        for way in (commune.insee, commune.siren, commune.name, commune.title):
            if way:
                ways.setdefault(spelling(way), set()).add(commune.insee)
    single = {way: codes.pop() for way, codes in ways.items() if len(codes) == 1}
    return single, tuple(commune.name for commune in known)

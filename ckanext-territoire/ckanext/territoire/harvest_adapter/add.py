"""Add and remove a source: every check first, then one write, no trace of a refusal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from ckan import model
from ckan.lib.munge import munge_title_to_name
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire.harvest_adapter import schedule, sources
from ckanext.territoire.harvest_adapter.kinds import check_settings
from ckanext.territoire.harvest_adapter.runner import fetcher
from harvesters.address import without_account
from harvesters.errors import Refused
from harvesters.fetch import Limits
from harvesters.model import Config, Issue, Response, Source
from harvesters.recognise import Recognition, recognise
from harvesters.registry import SOURCES, near_kinds
from harvesters.rhythm import Frequency, read_quiet
from harvesters.secret import hide, secrets_of

HOPELESS = frozenset({"TER-FET-005"})
ABSENT = frozenset({"TER-FET-007"})
WHILE_SOMEONE_WAITS = Limits(connect_s=4, read_s=8, total_s=12, run_s=20, tries=1)


@dataclass(frozen=True, slots=True)
class NewSource:
    """What an officer typed."""

    kind: str
    url: str
    organization: str
    name: str = ""
    title: str = ""
    frequency: str = "AUTO"
    quiet: str = ""
    settings: Mapping[str, str] | None = None


def kind_named(kind: str) -> Source:
    """Answer a kind, or refuse with the near ones."""
    if kind in SOURCES:
        return SOURCES[kind]
    near = ", ".join(f"« {n} »" for n in near_kinds(kind) or sorted(SOURCES))
    raise Refused(Issue("TER-SRC-067", found=kind, expected=near))


def organization_named(name: str) -> Any:
    """Answer an organisation by name, id, title, INSEE or SIREN, or refuse with the near ones."""
    group = model.Group.get(name)
    if group and group.is_organization and group.state == "active":
        return group
    query = model.Session.query(model.Group).filter_by(is_organization=True, state="active")
    groups = query.all()
    wanted = munge_title_to_name(name)
    for group in groups:
        codes = {group.extras.get("insee"), group.extras.get("siren")}
        if name in codes or wanted in (group.name, munge_title_to_name(group.title or "")):
            return group
    near = get_close_matches(wanted, [g.name for g in groups], n=3, cutoff=0.4)
    told = ", ".join(f"« {n} »" for n in near) or "aucune"
    raise Refused(Issue("TER-SRC-068", found=name, expected=told))


def frequency_named(name: str) -> Frequency:
    """Answer a frequency, or refuse with those that exist."""
    try:
        return Frequency(name.strip().upper())
    except ValueError as fault:
        told = ", ".join(each.value for each in Frequency)
        raise Refused(Issue("TER-SRC-081", found=name, expected=told)) from fault


def stock_frequency(frequency: Frequency) -> str:
    """Say a frequency to ckanext-harvest, which does not know the automatic one."""
    return "MANUAL" if frequency is Frequency.AUTO else frequency.value


def _same_place(url: str) -> str:
    return re.sub(r"^https?://", "", url.strip().lower()).rstrip("/")


def refuse_account(url: str) -> None:
    """Refuse an address that holds an account: it would be shown."""
    shown = without_account(url)
    if shown != url:
        raise Refused(Issue("TER-FET-028", shown))


def _refuse_double(new: NewSource, settings: Mapping[str, str]) -> None:
    for source in sources.list_sources():
        if _same_place(source.url) == _same_place(new.url) and dict(source.settings) == settings:
            raise Refused(Issue("TER-SRC-069", found=source.title or source.name))


def recognise_address(url: str) -> Recognition:
    """Ask an address which kind of source it is: one request after the other, in some seconds."""
    shown = without_account(url)
    if shown != url:
        return Recognition(shown, issue=Issue("TER-FET-028", shown))
    way_out = fetcher(WHILE_SOMEONE_WAITS)
    try:
        return recognise(url, way_out.fetch, SOURCES.values())
    finally:
        way_out.close()


def probe(kind: Source, source_config: Config) -> Issue | None:
    """Ask the address once: `None` when this kind fits, else why not.

    An answer of another shape raises `Refused`: the address can never work with this kind.
    """
    answer = fetcher().fetch(kind.start(source_config))
    if isinstance(answer, Response):
        if kind.looks_like(answer):
            return None
        raise Refused(_unfit(kind, source_config))
    answer = hide(answer, secrets_of(kind, source_config))
    if answer.code in HOPELESS:
        raise Refused(answer)
    if answer.code in ABSENT:
        fit = _unfit(kind, source_config)
        if fit.found:
            raise Refused(fit)
    return answer


def _unfit(kind: Source, source_config: Config) -> Issue:
    """Say that an address does not fit a kind, and which it fits, if any."""
    found = recognise_address(source_config.url).best
    is_other = found is not None and found.kind != kind.kind
    hint = f"Elle convient à une source « {found.kind} »." if found and is_other else ""
    return Issue("TER-SRC-070", source_config.url, hint, kind.kind)


def add_source(context: Context, new: NewSource) -> tuple[sources.StoredSource, Issue | None]:
    """Check and register a source; an address that does not answer is kept as a draft."""
    refuse_account(new.url)
    kind = kind_named(new.kind)
    group = organization_named(new.organization)
    settings = dict(new.settings or {})
    check_settings(kind, settings)
    frequency = frequency_named(new.frequency)
    read_quiet(new.quiet)
    secret_names = {s.name for s in kind.settings if s.is_secret}
    secrets = {k: v for k, v in settings.items() if k in secret_names}
    visible = {k: v for k, v in settings.items() if k not in secret_names}
    _refuse_double(new, visible)
    toolkit.check_access("harvest_source_create", context, {"owner_org": group.id})
    issue = probe(kind, Config(new.url, settings))
    title = new.title or new.name or f"{kind.label_fr} – {group.title}"
    made = toolkit.get_action("harvest_source_create")(
        context,
        {
            "name": _free_name(new.name or title),
            "title": title,
            "url": new.url,
            "source_type": new.kind,
            "owner_org": group.id,
            "frequency": stock_frequency(frequency),
            "config": json.dumps(visible) if visible else "",
        },
    )
    sources.keep_secrets(made["id"], secrets)
    schedule.keep_wish(made["id"], frequency.value, new.quiet)
    if issue:
        sources.set_draft(made["id"], is_draft=True)
    model.Session.commit()
    return sources.load_source(made["id"]), issue


def _free_name(title: str) -> str:
    """Make a name nobody has: packages share one space of names."""
    base = f"source-{munge_title_to_name(title)}"[:90]
    query = model.Session.query(model.Package.name)
    taken = {row.name for row in query.filter(model.Package.name.like(f"{base}%"))}
    names = [base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def check_draft(source: sources.StoredSource) -> Issue | None:
    """Try a draft source again; it becomes active when its address answers. Commits."""
    issue = probe(sources.kind_of(source), sources.config_of(source))
    if issue is None and source.is_draft:
        sources.set_draft(source.id, is_draft=False)
        model.Session.commit()
    return issue

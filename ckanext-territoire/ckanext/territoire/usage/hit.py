"""What one answer counts for: a page seen, a file taken, a call; pure.

Not counted: what failed, what only asks for the head, a part of a file after its beginning, what
a browser fetches before anybody asked, a part of a page, and whoever is signed in (the agents of
the communes look at their own pages all day). A call by a token counts: it is a program's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ckanext.territoire.usage.agent import Agent, agent_of

MAX_KEY = 100
MOVED = 302
COUNTED = frozenset({200, 206, MOVED, 304})


class Act(Enum):
    """What was done."""

    VIEW = "view"
    DOWNLOAD = "download"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and its answer. `values` are the parts of the address, `args` its parameters."""

    endpoint: str
    values: Mapping[str, Any]
    args: Mapping[str, str]
    method: str
    status: int
    headers: Mapping[str, str]
    is_signed_in: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """One use. `about` says of what: `dataset:<id or name>`, `resource:<id>`, `table:<slug>`,
    `commune:<slug>` or `page:<name>`."""

    act: Act
    agent: Agent
    about: str

    @property
    def key(self) -> str:
        """How it is written where it waits to be stored."""
        return f"{self.act.value}|{self.agent.value}|{self.about}"


# endpoint: what it counts for, what it is about, and where its key stands in the address
VIEWS = {
    "dataset.read": ("dataset", "id"),
    "dataset_resource.read": ("resource", "resource_id"),
    "resource.read": ("resource", "resource_id"),
    "territoire_preview.rows": ("resource", "resource_id"),
    "territoire_communes.show": ("commune", "slug"),
    "territoire_services.show": ("page", "path"),
    "territoire_row.show": ("table", "slug"),
}
PAGES = {
    "home.index": "accueil",
    "dataset.search": "recherche",
    "territoire_api_pages.index": "developpeurs",
}
DOWNLOADS = {
    "dataset_resource.download": ("resource", "resource_id"),
    "resource.download": ("resource", "resource_id"),
    "territoire_files.kept_copy": ("resource", "resource_id"),
    "territoire_usage.download": ("resource", "resource_id"),
    "territoire_files.by_name": ("dataset", "id"),
    "territoire_tables.file": ("table", "slug"),
    "datastore.dump": ("resource", "resource_id"),
}
ARCHIVE = "territoire_archive.whole"
# actions of CKAN: the parameter that says what is read; others are searches of the whole catalogue
ACTIONS = {
    "package_show": ("dataset", "id"),
    "resource_show": ("resource", "id"),
    "datastore_search": ("resource", "resource_id"),
    "datastore_info": ("resource", "id"),
}
CATALOGUE = frozenset({"package_search", "package_list", "organization_show", "group_show"})


def to_hit(asked: Asked) -> Hit | None:
    """Say what an answer counts for, if for anything."""
    if asked.method not in ("GET", "POST") or asked.status not in COUNTED or not _is_new(asked):
        return None
    found = _found(asked)
    if not found:
        return None
    act, about = found
    is_page = act is Act.VIEW
    if asked.is_signed_in and (is_page or not asked.headers.get("Authorization")):
        return None
    is_led_away = asked.status == MOVED  # the page that it leads to counts
    if is_page and (asked.method != "GET" or asked.headers.get("HX-Request") or is_led_away):
        return None
    return Hit(act, agent_of(asked.headers.get("User-Agent", "")), about)


def _found(asked: Asked) -> tuple[Act, str] | None:
    name, values = asked.endpoint, asked.values
    if name in PAGES:
        return Act.VIEW, f"page:{PAGES[name]}"
    for act, known in ((Act.VIEW, VIEWS), (Act.DOWNLOAD, DOWNLOADS)):
        if name in known:
            return _about(act, known[name], values)
    if name == ARCHIVE:
        return Act.DOWNLOAD, "page:archive"
    if name.startswith("territoire_tables.") and values.get("slug"):
        return _about(Act.CALL, ("table", "slug"), values)
    if name == "api.action":
        return _action(str(values.get("logic_function", "")), asked.args)
    return None


def _action(name: str, args: Mapping[str, str]) -> tuple[Act, str] | None:
    if name in ACTIONS:
        return _about(Act.CALL, ACTIONS[name], args)
    return (Act.CALL, "page:catalogue") if name in CATALOGUE else None


def _about(act: Act, known: tuple[str, str], values: Mapping[str, Any]) -> tuple[Act, str] | None:
    kind, name = known
    key = str(values.get(name) or "")[:MAX_KEY]
    return (act, f"{kind}:{key}") if key else None


def _is_new(asked: Asked) -> bool:
    """Whether somebody asked, and for the beginning."""
    part = asked.headers.get("Range", "")
    purpose = asked.headers.get("Sec-Purpose", "") + asked.headers.get("Purpose", "")
    return (not part or part.startswith("bytes=0-")) and "prefetch" not in purpose

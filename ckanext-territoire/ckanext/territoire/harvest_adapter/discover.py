"""Find the sources that a territory already has in a national catalogue, and add those chosen.

A search takes a minute: a job of CKAN does it for the screens, and leaves its progress and its
answer in Redis for a day (`territoire:discovery:<SIREN>`), for the next request to show.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit
from redis.exceptions import RedisError

from ckanext.territoire import config, publishers
from ckanext.territoire.harvest_adapter import sources
from ckanext.territoire.harvest_adapter.preview import find_doubles
from ckanext.territoire.harvest_adapter.runner import fetcher
from ckanext.territoire.territory import tree
from harvesters.discovery import Member, Proposal, discover
from harvesters.errors import Refused
from harvesters.fetch import Limits
from harvesters.model import Config, Issue
from harvesters.ports import Progress
from harvesters.registry import SOURCES

log = logging.getLogger(__name__)
LIMITS = Limits(connect_s=5, read_s=15, total_s=30, run_s=240, tries=2)
KEPT_S = 24 * 3600
JOB_TIMEOUT_S = 300
Tell = Callable[[Progress], None]


def members_of(epci: str) -> tuple[Member, ...]:
    """Answer the EPCI, its communes and its partners; TER-CFG-005 or -141 when it is not here."""
    roots = {root["siren"]: root for root in tree.read_tree() if root["kind"] == "epci"}
    if not roots:
        raise Refused(Issue("TER-CFG-005"))
    siren = epci.replace(" ", "") or next(iter(roots))
    if siren not in roots:
        here = ", ".join(f"{root['title']} ({root['siren']})" for root in roots.values())
        raise Refused(Issue("TER-CFG-141", found=epci, expected=here))
    root = roots[siren]
    below = [*root["communes"], *root["partners"]]
    return (_member(root, is_epci=True), *(_member(node) for node in below))


def _member(node: Mapping[str, Any], is_epci: bool = False) -> Member:
    insee = node["insee"] if node["kind"] == "commune" else ""
    return Member(node["siren"] or "", node["name"], node["title"], insee or "", is_epci)


def find_sources(epci: str, site: str = "", tell: Tell = lambda _: None) -> dict[str, Any]:
    """Ask a catalogue what it holds of an EPCI; answers what is proposed, as JSON."""
    members = members_of(epci)
    site = site or config.catalogue_url()
    way_out = fetcher(LIMITS)
    try:
        found = discover(site, members, way_out.fetch, SOURCES, tell)
    finally:
        way_out.close()
    here = _places_here()
    return {
        "epci": members[0].siren,
        "title": members[0].title,
        "catalogue": site,
        "organization_count": found.organization_count,
        "request_count": found.request_count,
        "notes": list(found.notes),
        "proposals": [
            _to_dict(number, each, here) for number, each in enumerate(found.proposals, start=1)
        ],
    }


def _places_here() -> dict[tuple[str, str], sources.StoredSource]:
    """The sources that are here already, by kind and by the address where they begin."""
    return {(s.kind, _begins(s.kind, Config(s.url, s.settings))): s for s in sources.list_sources()}


def _begins(kind: str, source_config: Config) -> str:
    return SOURCES[kind].start(source_config).url


def _to_dict(
    number: int, each: Proposal, here: Mapping[tuple[str, str], sources.StoredSource]
) -> dict[str, Any]:
    same = here.get((each.kind, _begins(each.kind, Config(each.url))))
    owner = publishers.find(each.member.name)
    doubles = find_doubles(each.drafts, "", owner.id if owner else "")
    is_all_here = bool(each.drafts) and len(doubles) == len(each.drafts)
    return {
        "key": str(number),
        "sort": each.sort.value,
        "kind": each.kind,
        "kind_label": SOURCES[each.kind].label_fr,
        "url": each.url,
        "title": each.title,
        "organization": each.member.name,
        "organization_title": each.member.title,
        "count": each.count,
        "read_count": len(each.drafts),
        "double_count": len(doubles),
        "reason": each.reason,
        "here": {"name": same.name, "title": same.title} if same else None,
        "is_chosen": each.is_advised and same is None and not is_all_here,
    }


def start_search(epci: str) -> None:
    """Ask the job worker to search; TER-CFG-142 when the queue is away."""
    siren = members_of(epci)[0].siren
    try:
        _keep(siren, {"state": "running", "progress": {"step": "", "done": 0, "total": None}})
        toolkit.enqueue_job(
            search_job, [siren], title="territoire: discover", rq_kwargs={"timeout": JOB_TIMEOUT_S}
        )
    except (RedisError, OSError) as fault:
        raise Refused(Issue("TER-CFG-142")) from fault


def search_job(siren: str) -> None:
    """Search, and leave what happens and what is found where the screens read it."""

    def tell(progress: Progress) -> None:
        told = {"step": progress.step, "done": progress.done, "total": progress.total}
        _keep(siren, {"state": "running", "progress": told})

    try:
        _keep(siren, {"state": "finished", "found": find_sources(siren, tell=tell)})
    except Refused as fault:
        _keep(siren, {"state": "failed", "issue": str(fault)})
    except Exception:
        log.exception("the search for sources failed")
        _keep(siren, {"state": "failed", "issue": "La recherche s’est interrompue. Relancez-la."})
        raise


def load_search(epci: str) -> dict[str, Any]:
    """Read the last search of an EPCI; `state` is `none`, `running`, `finished` or `failed`."""
    siren = members_of(epci)[0].siren
    kept = connect_to_redis().get(_key(siren))
    return json.loads(kept) if isinstance(kept, bytes | str) else {"state": "none"}


def _keep(siren: str, value: dict[str, Any]) -> None:
    connect_to_redis().set(_key(siren), json.dumps(value), ex=KEPT_S)


def _key(siren: str) -> str:
    return f"territoire:discovery:{toolkit.config['ckan.site_id']}:{siren}"

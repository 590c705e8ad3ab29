"""Actions and authorisations on the territory: what the API, the screens and the commands call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from typing import Any

from ckan import authz
from ckan.plugins import toolkit
from ckan.types import AuthResult, Context

from ckanext.territoire.logic.who import everyone
from ckanext.territoire.territory import commune, commune_map, members, protect, publish, tree
from ckanext.territoire.territory.init import Progress, init_territory
from ckanext.territoire.territory.partner import Partner, add_partner
from harvesters.errors import Refused
from harvesters.model import Issue


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn a refusal into the error of an action."""
    try:
        yield
    except Refused as fault:
        raise toolkit.ValidationError({"territory": [str(fault)]}) from fault


def _progress(context: Context) -> Progress:
    told: Any = context.get("progress")
    return told or (lambda done, total, label: None)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise Refused(Issue("TER-CFG-008", found=text, expected="année-mois-jour")) from fault


def territoire_territory_init(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Set an EPCI up: `epci` (SIREN), optionally `on` (the day of the changes, today else).

    Answers what was created and updated; `write_count` is 0 when all was as it should be.
    """
    toolkit.check_access("territoire_territory_init", context, data_dict)
    with _refusals():
        on = _day(data_dict.get("on") or date.today().isoformat())
        siren = str(toolkit.get_or_bust(data_dict, "epci")).strip()
        report = init_territory(context, siren, on, _progress(context))
    return asdict(report) | {"write_count": report.write_count}


def territoire_territory_publish(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Publish the two datasets on the territory itself; answers `datasets` and `write_count`."""
    toolkit.check_access("territoire_territory_publish", context, data_dict)
    with _refusals():
        published = publish.publish_territory(context)
    return {
        "datasets": [asdict(dataset) for dataset in published],
        "write_count": sum(dataset.is_written for dataset in published),
    }


def territoire_partner_add(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Add a partner: `title`, `kind` (operateur, syndicat, etat, autre), optionally `siren`."""
    toolkit.check_access("territoire_partner_add", context, data_dict)
    partner = Partner(
        title=str(toolkit.get_or_bust(data_dict, "title")),
        kind=str(data_dict.get("kind") or "autre"),
        siren=str(data_dict.get("siren") or ""),
    )
    with _refusals():
        return asdict(add_partner(context, partner))


@toolkit.side_effect_free
def territoire_organization_tree(
    context: Context, data_dict: dict[str, Any]
) -> list[dict[str, Any]]:
    """Show each EPCI with its communes, former communes and partners, and what they publish."""
    toolkit.check_access("territoire_organization_tree", context, data_dict)
    return tree.read_tree()


@toolkit.side_effect_free
def territoire_territory_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show the EPCI with its tree; `id` (SIREN or page address) chooses among several."""
    toolkit.check_access("territoire_territory_show", context, data_dict)
    wanted = data_dict.get("id")
    for root in tree.read_tree():
        if root["kind"] == "epci" and (not wanted or wanted in (root["siren"], root["name"])):
            return root
    with _refusals():
        raise Refused(Issue("TER-CFG-005"))


@toolkit.side_effect_free
def territoire_territory_map(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Draw the member communes as a GeoJSON FeatureCollection of at most 300 KB."""
    toolkit.check_access("territoire_territory_map", context, data_dict)
    return commune_map.territory_map()


@toolkit.side_effect_free
def territoire_commune_list(context: Context, data_dict: dict[str, Any]) -> list[dict[str, Any]]:
    """List the member communes in alphabetical order."""
    toolkit.check_access("territoire_commune_list", context, data_dict)
    return [commune.to_dict(each) for each in members.members()]


@toolkit.side_effect_free
def territoire_commune_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Show a commune: `id` is its INSEE code, its name or its page. With outline and town hall."""
    toolkit.check_access("territoire_commune_show", context, data_dict)
    with _refusals():
        return commune.read_commune(str(toolkit.get_or_bust(data_dict, "id")))


def _sysadmins_only(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    """CKAN lets sysadmins through before it asks."""
    return {"success": False, "msg": "Réservé à l’administrateur de la plateforme."}


def _officers_of_epci(context: Context, data_dict: dict[str, Any]) -> AuthResult:
    roots = [root for root in tree.read_tree() if root["kind"] == "epci"]
    is_officer = any(
        authz.has_user_permission_for_group_or_org(root["id"], context.get("user"), "update")
        for root in roots
    )
    return {"success": is_officer, "msg": "Réservé à l’EPCI."}


READ: dict[str, Callable[..., Any]] = {
    "territoire_organization_tree": territoire_organization_tree,
    "territoire_territory_show": territoire_territory_show,
    "territoire_territory_map": territoire_territory_map,
    "territoire_commune_list": territoire_commune_list,
    "territoire_commune_show": territoire_commune_show,
}
WRITE: dict[str, Callable[..., Any]] = {
    "territoire_territory_init": territoire_territory_init,
    "territoire_territory_publish": territoire_territory_publish,
    "territoire_partner_add": territoire_partner_add,
}
ACTIONS: dict[str, Callable[..., Any]] = READ | WRITE | protect.ACTIONS
AUTH: dict[str, Callable[..., Any]] = (
    dict.fromkeys(READ, everyone)
    | {
        "territoire_territory_init": _sysadmins_only,
        "territoire_territory_publish": _officers_of_epci,
        "territoire_partner_add": _officers_of_epci,
    }
    | protect.AUTH
)

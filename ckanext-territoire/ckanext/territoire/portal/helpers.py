"""Functions that templates call as `h.territoire_…`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ckan.plugins import toolkit

from ckanext.territoire.chart.figures import short
from ckanext.territoire.delivery import figures
from ckanext.territoire.delivery.merged import URL_TYPE
from ckanext.territoire.form_choices import FORM_HELPERS
from ckanext.territoire.index_fields import COMMUNES, THEMES
from ckanext.territoire.portal import (
    command,
    freshness,
    home,
    maps,
    markup,
    search_links,
    typography,
)
from ckanext.territoire.portal.community_view import HELPERS as COMMUNITY_HELPERS
from ckanext.territoire.portal.contribution_pages import waiting_contributions
from ckanext.territoire.portal.facets import FACETS
from ckanext.territoire.portal.first_rows import first_rows
from ckanext.territoire.portal.flag_pages import waiting_flags
from ckanext.territoire.portal.identity_pages import look
from ckanext.territoire.portal.live import last_values
from ckanext.territoire.portal.notice_pages import waiting_addresses
from ckanext.territoire.portal.preview import table_preview
from ckanext.territoire.portal.refused import refused
from ckanext.territoire.portal.reliability import reliability
from ckanext.territoire.portal.reuse import Recipe, to_recipes
from ckanext.territoire.portal.same_pages import known_origins
from ckanext.territoire.portal.schema_org import schema_org
from ckanext.territoire.portal.typeset import Reader
from ckanext.territoire.portal.understood import reading, request_url
from ckanext.territoire.portal.usage_pages import download_url, use_of
from ckanext.territoire.security import tokens
from ckanext.territoire.territory import members
from ckanext.territoire.territory.officers import is_officer


def ago(value: object) -> str:
    """Write how long ago a day was, in Paris."""
    return typography.ago(value, datetime.now(typography.PARIS).date())


def freshness_of(package: Mapping[str, Any]) -> freshness.State:
    """Judge a dataset today."""
    return freshness.freshness(package, datetime.now(typography.PARIS).date())


def search_facets() -> dict[str, str]:
    """Name the filters of the search, in the order of the page."""
    return FACETS


def facet_names() -> dict[str, str]:
    """Name the filters that pages lead to."""
    return {"communes": COMMUNES, "themes": THEMES}


def sorts() -> dict[str, str]:
    """List the orders of the search."""
    return search_links.SORTS


def translated(message: object) -> str:
    """Say in French a sentence that CKAN has kept. The filter of templates would take the percent
    signs of an address in it for places to fill."""
    return Reader().read(str(toolkit._(str(message))))


def recipes(package: Mapping[str, Any]) -> list[Recipe]:
    """Say how to take a dataset into one's own tool."""
    return to_recipes(package, str(toolkit.config["ckan.site_url"]).rstrip("/"))


def merged(dataset: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give the figures of the merged table that a dataset shows, if it shows one."""
    urls = [r for r in dataset.get("resources", ()) if r.get("url_type") == URL_TYPE]
    slug = str(urls[0].get("table_schema") or "").split("/", maxsplit=1)[0] if urls else ""
    found = figures.figures_of(slug) if slug else None
    return figures.to_dict(found) if found and found.dataset_id == dataset["id"] else None


def member_names() -> list[str]:
    """Name the member communes, for the field where people choose theirs."""
    return [each.name for each in members.members()]


HELPERS: dict[str, Callable[..., Any]] = {
    **FORM_HELPERS,
    "territoire_number": typography.number,
    "territoire_count": typography.count,
    "territoire_short": short,
    "territoire_look": look,
    "territoire_refused": refused,
    "territoire_size": typography.size,
    "territoire_token_lasts": tokens.lasts,
    "territoire_day": typography.day,
    "territoire_moment": typography.moment,
    "territoire_month": typography.month,
    "territoire_spaced": typography.spaced,
    "territoire_of_place": typography.of_place,
    "territoire_ago": ago,
    "territoire_freshness": freshness_of,
    "territoire_html": markup.to_html,
    "territoire_extract": markup.to_extract,
    "territoire_safe_url": markup.safe_url,
    "territoire_picture": maps.territory_picture,
    "territoire_coverage_path": maps.coverage_path,
    "territoire_frame_of": maps.frame_of,
    "territoire_published": home.published,
    "territoire_answered": home.answered,
    "territoire_member_names": member_names,
    "territoire_waiting_flags": waiting_flags,
    "territoire_waiting_contributions": waiting_contributions,
    **COMMUNITY_HELPERS,
    "territoire_epci": home.epci,
    "territoire_tree": home.organization_tree,
    "territoire_search_facets": search_facets,
    "territoire_facet_names": facet_names,
    "territoire_sorts": sorts,
    "territoire_facet_choices": search_links.facet_choices,
    "territoire_active_choices": search_links.active_choices,
    "territoire_reading": reading,
    "territoire_request_url": request_url,
    "territoire_kept_pairs": search_links.kept_pairs,
    "territoire_page_links": search_links.page_links,
    "territoire_table_preview": table_preview,
    "territoire_first_rows": first_rows,
    "territoire_last_values": last_values,
    "territoire_reliability": reliability,
    "territoire_merged": merged,
    "territoire_origins": known_origins,
    "territoire_is_officer": is_officer,
    "territoire_waiting_addresses": waiting_addresses,
    "territoire_command": command.command_of,
    "territoire_corrections": command.corrections_of,
    "territoire_download_url": download_url,
    "territoire_use": use_of,
    "territoire_recipes": recipes,
    "territoire_translated": translated,
    "territoire_schema_org": schema_org,
}

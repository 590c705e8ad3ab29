"""Which quota a call below `/ogc` takes from: that of the API, and a wider one for tiles."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire.api.caller import BASIC, caller
from ckanext.territoire.api.quota import Quota, by_address, by_key, network
from ckanext.territoire.portal.visitor import address_of

TILES = "ckanext.territoire.ogc.tiles_per_minute"


def quota_of(portal: Any, environ: dict[str, Any], is_tile: bool) -> Quota | None:
    """Find the quota of a caller, known by a key or by an address; `None` for a key that is not
    one of ours. Only a call with a key asks the database."""
    told = environ.get("HTTP_AUTHORIZATION", "").strip()
    if told and not told.lower().startswith(BASIC):
        with portal._wsgi_app.request_context(environ):
            try:
                who = caller()
            finally:
                model.Session.remove()
        if who.is_refused:
            return None
        return _of_tiles(f"key {who.key_id}") if is_tile else by_key(who.key_id, who.per_minute)
    address = address_of(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""))
    return _of_tiles(f"address {network(address)}") if is_tile else by_address(address)


def _of_tiles(whom: str) -> Quota:
    return Quota("tuiles", f"tiles {whom}", int(toolkit.config[TILES]))

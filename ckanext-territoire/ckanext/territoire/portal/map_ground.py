"""What lies under the points of a map, and what a page that shows it may ask: by default the
outlines of the communes and nothing else."""

from __future__ import annotations

from ckan.types import Response

from ckanext.territoire import config
from ckanext.territoire.portal.headers import POLICY

HOSTS = {"ign": "https://data.geopf.fr"}
IGN_TILES = (
    "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2&STYLE=normal&FORMAT=image/png"
    "&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)


def tiles() -> str:
    """The address of the tiles that the operator allows; `""`: the outlines serve."""
    return IGN_TILES if config.map_base() == "ign" else ""


def widen(response: Response) -> Response:
    """Let a page with a map ask the host of its base, when there is one."""
    if host := HOSTS.get(config.map_base()):
        policy = POLICY
        for part in ("img-src 'self'", "connect-src 'self'"):
            policy = policy.replace(part, f"{part} {host}")
        response.headers["Content-Security-Policy"] = policy
    return response

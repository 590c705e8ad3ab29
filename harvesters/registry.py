"""The kinds of sources, by explicit import: what is not listed here does not exist."""

from __future__ import annotations

from difflib import get_close_matches

from harvesters.model import Source
from harvesters.sources import (
    arcgis_hub,
    ckan_portal,
    csv_folder,
    csw,
    data_fair,
    data_gouv,
    dcat_catalog,
    gtfs_feed,
    ogc_records,
    opendatasoft,
    rudi_node,
    sensorthings,
    socrata,
)

SOURCES: dict[str, Source] = {
    module.SOURCE.kind: module.SOURCE
    for module in (
        arcgis_hub,
        ckan_portal,
        csv_folder,
        csw,
        data_fair,
        data_gouv,
        dcat_catalog,
        gtfs_feed,
        ogc_records,
        opendatasoft,
        rudi_node,
        sensorthings,
        socrata,
    )
}


def near_kinds(text: str) -> list[str]:
    """Propose the kinds whose name is near, or contains or is contained in what was typed.

    >>> near_kinds("ckan")
    ['ckan_portal']
    """
    word = text.lower().replace("-", "_")
    inside = [kind for kind in SOURCES if word and (word in kind or kind.split("_")[0] in word)]
    return inside or get_close_matches(word, SOURCES, n=3, cutoff=0.4)

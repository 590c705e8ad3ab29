"""A GTFS feed: one dataset with its operator, its dates, its lines and stops, and the feed itself.

ZIP of CSV tables (UTF-8): `agency`, `stops`, `routes`, `trips`, `stop_times`, `calendar` and/or
`calendar_dates`, optionally `feed_info` and `shapes`. Source: GTFS Schedule, gtfs.org.
"""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlsplit

from harvesters.archive import open_archive
from harvesters.map.answer import unread_fields
from harvesters.map.text import one_line
from harvesters.map.transport import Feed, read_feed
from harvesters.map.words import choices_of, licence_of
from harvesters.model import (
    Config,
    Dataset,
    Issue,
    Page,
    Record,
    Request,
    Resource,
    Response,
    Role,
    Setting,
    Source,
)

NEEDED = ("agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt")

STANDARD = frozenset(
    f"{name}.txt"
    for name in "agency stops routes trips stop_times calendar calendar_dates feed_info shapes "
    "fare_attributes fare_rules timeframes rider_categories fare_media fare_products "
    "fare_leg_rules fare_leg_join_rules fare_transfer_rules areas stop_areas networks "
    "route_networks frequencies transfers pathways levels location_groups "
    "location_group_stops booking_rules translations attributions".split()
) | {"locations.geojson"}


def start(config: Config) -> Request:
    return Request(config.url, role=Role.FILE)


def read(response: Response, config: Config) -> Page:
    archive = open_archive(response.body, response.url)
    if isinstance(archive, Issue):
        return Page(issues=(archive,))
    missing = [name for name in NEEDED if name not in archive.names]
    if not {"calendar.txt", "calendar_dates.txt"} & set(archive.names):
        missing.append("calendar.txt")
    if missing:
        return Page(issues=(Issue("TER-VAL-005", response.url, ", ".join(missing)),))
    digest = hashlib.sha256(response.body).hexdigest()
    record = Record(config.url, {"feed": response.body, "sha256": digest}, "flux GTFS")
    folder = archive.folder
    told = (Issue("TER-FET-024", response.url, folder),) if folder else ()
    return Page((record,), (), 1, told + unread_fields(STANDARD, archive.names))


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    body: bytes = record.payload["feed"]
    feed = read_feed(body, config.url)
    if isinstance(feed, Issue):
        return feed
    name = config.get("network") or feed.network
    return Dataset(
        remote_id=record.remote_id,
        title=one_line(config.get("title") or f"Réseau {name} : arrêts, lignes et horaires (GTFS)"),
        description=_describe(feed, name),
        licence=licence_of(config.get("licence", "odbl-1.0"))[0],
        themes=("transports",),
        tags=("GTFS", "transport en commun", "horaires", "arrêts"),
        modified=feed.last_change,
        temporal_start=feed.first_day,
        temporal_end=feed.last_day,
        publisher=feed.publisher,
        landing_page=feed.site,
        spatial=feed.extent,
        resources=_resources(feed, body, config.url),
        properties=(
            ("gtfs_stops", str(feed.counts["stops"])),
            ("gtfs_routes", str(feed.counts["routes"])),
            ("gtfs_trips", str(feed.counts["trips"])),
            ("gtfs_stop_times", str(feed.counts["stop_times"])),
            ("gtfs_version", feed.version),
        ),
        issues=feed.issues,
    )


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def _describe(feed: Feed, name: str) -> str:
    counts = {key: _thousands(value) for key, value in feed.counts.items()}
    told = (
        f"Offre théorique du réseau {name} au format GTFS : {counts['routes']} lignes, "
        f"{counts['stops']} arrêts, {counts['trips']} courses et {counts['stop_times']} passages."
    )
    return f"{told}\n\n{feed.version}".strip()


def _resources(feed: Feed, body: bytes, url: str) -> tuple[Resource, ...]:
    def made(name: str, title: str, format_: str, media: str, content: bytes) -> Resource:
        return Resource("", title, format=format_, media_type=media, name=name, content=content)

    original = urlsplit(url).path.rsplit("/", 1)[-1] or "gtfs.zip"
    original = original if original.lower().endswith(".zip") else f"{original}.zip"
    geo = "application/geo+json"
    return (
        made("arrets.csv", "Arrêts (tableau)", "CSV", "text/csv", feed.stops_csv),
        made("arrets.geojson", "Arrêts (carte)", "GeoJSON", geo, feed.stops_geojson),
        made("lignes.csv", "Lignes (tableau)", "CSV", "text/csv", feed.routes_csv),
        made("lignes.geojson", "Lignes (carte)", "GeoJSON", geo, feed.routes_geojson),
        made(original, "Flux GTFS tel que reçu", "GTFS", "application/zip", body),
    )


def looks_like(response: Response) -> bool:
    archive: Any = open_archive(response.body) if response.body[:2] == b"PK" else None
    return hasattr(archive, "names") and "stops.txt" in archive.names


SOURCE = Source(
    kind="gtfs_feed",
    label_fr="Flux GTFS",
    description_fr="Les arrêts, lignes et horaires d’un réseau de transport, en un fichier ZIP.",
    example_url="https://reseau.exemple.fr/gtfs.zip",
    start=start,
    read=read,
    to_dataset=to_dataset,
    looks_like=looks_like,
    settings=(
        Setting("network", "Nom du réseau", "S’il diffère de celui que dit le flux."),
        Setting("title", "Titre du jeu de données", "Fait du nom du réseau sinon."),
        Setting(
            "licence",
            "Licence",
            "Celle du flux.",
            default="odbl-1.0",
            choices=choices_of("licences"),
        ),
    ),
)

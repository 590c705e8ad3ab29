"""A small GTFS feed of an invented network, on the town halls of real communes.

Lines go out from Rennes through communes that are neighbours in fact. The calendar covers the
current month and the five that follow, so that the feed is always valid and changes once a month.
"""

from __future__ import annotations

import math
from datetime import date

from deployment.demo.answer import Answer, Asked, file_answer, not_found
from deployment.demo.files import to_csv, to_zip
from deployment.demo.tables import MARK, load_places

LINES = {
    "D1": ("Rennes – Cesson-Sévigné – Thorigné-Fouillard – Acigné",
           ("35238", "35051", "35334", "35001"), "00796B"),
    "D2": ("Rennes – Saint-Grégoire – Betton – Chevaigné – Saint-Sulpice-la-Forêt",
           ("35238", "35278", "35024", "35079", "35315"), "B35900"),
    "D3": ("Rennes – Saint-Jacques-de-la-Lande – Chartres-de-Bretagne – Bruz – Laillé",
           ("35238", "35281", "35066", "35047", "35139"), "5E35B1"),
    "D4": ("Rennes – Chantepie – Vern-sur-Seiche – Corps-Nuds",
           ("35238", "35055", "35352", "35088"), "1565C0"),
    "D5": ("Rennes – Vezin-le-Coquet – Le Rheu – Mordelles",
           ("35238", "35353", "35240", "35196"), "C62828"),
}  # fmt: skip
HALTS = ("Mairie", "Gare", "Église", "Stade")
MONTHS = 6
SPEED_M_S = 7.0
Table = list[list[str]]


def _stops() -> Table:
    """Four stops a commune, a few hundred metres around its town hall."""
    used = dict.fromkeys(code for _, codes, _ in LINES.values() for code in codes)
    rows = [["stop_id", "stop_name", "stop_desc", "stop_lat", "stop_lon", "wheelchair_boarding"]]
    for code in used:
        place = load_places()[code]
        step = min(place.radius_m, 450) * 0.6 / 111_320
        for number, halt in enumerate(HALTS):
            angle = math.pi / 2 * number
            latitude = place.latitude + (step * math.sin(angle) if number else 0)
            longitude = place.longitude + (step * math.cos(angle) * 1.5 if number else 0)
            rows.append([f"{code}-{number + 1}", f"{place.name} {halt}", place.name,
                         f"{latitude:.6f}", f"{longitude:.6f}", str(1 + number % 2)])  # fmt: skip
    return rows


def _trips(stops: Table) -> tuple[Table, Table]:
    """One trip every half hour in both directions, from 6.30 to 20.30."""
    where = {row[0]: (float(row[3]), float(row[4])) for row in stops[1:]}
    trips = [["route_id", "service_id", "trip_id", "trip_headsign", "direction_id"]]
    times = [["trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"]]
    for route, (_, codes, _) in LINES.items():
        forth = [f"{code}-{n + 1}" for code in codes for n in range(len(HALTS))]
        for direction, path in enumerate((forth, forth[::-1])):
            end = load_places()[path[-1].split("-")[0]].name
            for minute in range(390, 1_231, 30):
                trip = f"{route}-{direction}-{minute}"
                trips.append([route, "SEM", trip, end, str(direction)])
                times += _passages(trip, path, minute * 60, where)
    return trips, times


def _passages(
    trip: str, path: list[str], second: int, where: dict[str, tuple[float, float]]
) -> Table:
    rows = []
    for number, stop in enumerate(path):
        if number:
            (north, east), (before_north, before_east) = where[stop], where[path[number - 1]]
            metres = math.hypot((north - before_north) * 111_320, (east - before_east) * 74_300)
            second += 20 + int(metres / SPEED_M_S)
        clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        rows.append([trip, clock, clock, stop, str(number + 1)])
    return rows


def make_feed(today: date) -> bytes:
    """Make the ZIP of the feed valid on a day."""
    first = today.replace(day=1)
    month = first.month - 1 + MONTHS
    last = date(first.year + month // 12, month % 12 + 1, 1)
    days = [f"{day:%Y%m%d}" for day in (first, last)]
    stops = _stops()
    trips, times = _trips(stops)
    name = f"Réseau de démonstration ({MARK})"
    tables: dict[str, Table] = {
        "agency.txt": [["agency_id", "agency_name", "agency_url", "agency_timezone", "agency_lang"],
                       ["DEMO", name, "https://reseau.example/", "Europe/Paris", "fr"]],
        "feed_info.txt": [["feed_publisher_name", "feed_publisher_url", "feed_lang",
                           "feed_start_date", "feed_end_date", "feed_version"],
                          [name, "https://reseau.example/", "fr", *days, f"Offre de {days[0]}"]],
        "stops.txt": stops,
        "routes.txt": [["route_id", "agency_id", "route_short_name", "route_long_name",
                        "route_type", "route_color"],
                       *([r, "DEMO", r, told, "3", colour]
                         for r, (told, _, colour) in LINES.items())],
        "trips.txt": trips,
        "stop_times.txt": times,
        "calendar.txt": [["service_id", "monday", "tuesday", "wednesday", "thursday", "friday",
                          "saturday", "sunday", "start_date", "end_date"],
                         ["SEM", "1", "1", "1", "1", "1", "1", "0", *days]],
    }  # fmt: skip
    return to_zip({name: to_csv(rows) for name, rows in tables.items()})


def answer(asked: Asked) -> Answer:
    """Answer `/transport/gtfs.zip`."""
    if asked.path != "/transport/gtfs.zip":
        return not_found()
    return file_answer("gtfs.zip", make_feed(asked.now.date()))

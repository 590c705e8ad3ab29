"""The service pages, in the order in which the home page asks their questions."""

from __future__ import annotations

from ckanext.territoire.services.charging import CHARGING
from ckanext.territoire.services.everyday import BIKES, COLLECTION, DROP_OFF, HEART, TOILETS, VOTES
from ckanext.territoire.services.model import Service
from ckanext.territoire.services.parking import PARKING

SERVICES = (PARKING, COLLECTION, CHARGING, DROP_OFF, VOTES, BIKES, TOILETS, HEART)


def service_of(slug: str) -> Service | None:
    """Find the page that answers from a table; `None` when there is none."""
    return next((each for each in SERVICES if each.slug == slug), None)


def service_at(path: str) -> Service | None:
    """Find a page by its address."""
    return next((each for each in SERVICES if each.path == path), None)

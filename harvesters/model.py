"""The values that travel between the steps of a harvest.

Frozen, slotted dataclasses only: a step receives values and answers values. An
expected fault in data is an `Issue`, never an exception. Times are ISO 8601
texts, sizes are bytes, durations seconds; an absent text is `""`, an absent
number or date `None`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Role(Enum):
    """What a request is made for; it chooses the size cap of the answer."""

    PAGE = "page"
    DETAIL = "detail"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Request:
    """One GET to make. `context` comes back untouched in the `Response`."""

    url: str
    role: Role = Role.PAGE
    headers: tuple[tuple[str, str], ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    """The whole answer to a `Request`: `url` is the last hop, header names are lower case."""

    request: Request
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The declared media type without parameters, lower case, `""` when absent."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault found in data: `code` is a key of `harvesters.errors.CATALOGUE`."""

    code: str
    where: str = ""
    found: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One remote record as it was read: `where` tells a person where it stood."""

    remote_id: str
    payload: Mapping[str, Any]
    where: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer held. `declared_total` counts the records of the whole source; `records` may
    make each record as it is asked for."""

    records: Sequence[Record] = ()
    next_requests: tuple[Request, ...] = ()
    declared_total: int | None = None
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Resource:
    """One file, API or page of a dataset. `content` holds a file that we made or keep
    ourselves (then `url` is `""`, and `name` is its file name, unique in its dataset);
    once kept, `content` is dropped, and `url` and `sha256` tell where it is."""

    url: str
    title: str = ""
    description: str = ""
    format: str = ""
    media_type: str = ""
    size_bytes: int | None = None
    modified: str = ""
    table_schema: str = ""
    name: str = ""
    content: bytes | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset in our own terms, before it meets CKAN.

    `licence`, `themes` and `frequency` are ids of `schemas/vocabularies`;
    `communes` are INSEE codes; `spatial` is a GeoJSON geometry as text;
    `upstream_uri` is the identity of the dataset at its first publisher.
    `properties` are facts of the source kind (GTFS counts, SensorThings units…),
    flat, text to text. `issues` tell what was cleaned or dropped while mapping.
    """

    remote_id: str
    title: str
    description: str = ""
    licence: str = ""
    licence_label: str = ""
    themes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    frequency: str = ""
    issued: str = ""
    modified: str = ""
    temporal_start: str = ""
    temporal_end: str = ""
    communes: tuple[str, ...] = ()
    spatial: str = ""
    publisher: str = ""
    contact_name: str = ""
    contact_email: str = ""
    language: str = ""
    landing_page: str = ""
    upstream_uri: str = ""
    resources: tuple[Resource, ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one series: `series` is unique inside its source, `time` is ISO 8601 UTC."""

    series: str
    time: str
    value: float | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """What a sensor measures: `id` is unique inside its source; degrees WGS 84."""

    id: str
    name: str = ""
    unit: str = ""
    property: str = ""
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """One key a source takes in its configuration; `secret` values are never shown again.

    People read `label_fr`, and `help_fr` below it; `name` is for commands and the API. `choices`
    are the values with their labels, when they are a closed list.
    """

    name: str
    label_fr: str
    help_fr: str
    default: str = ""
    is_required: bool = False
    is_secret: bool = False
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """What an officer typed when the source was added."""

    url: str
    settings: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        return self.settings.get(name) or default


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of source: a name, its settings and pure functions.

    `looks_like(response)` says whether an answer found at an address belongs to
    this kind (used to propose the right kind). `to_series` and
    `to_observations` are for live sources: what a record measures, and its last values.
    `usual_paths` are where this kind is often found below the address of a site
    (« catalog.ttl »), tried when nothing better is known.
    """

    kind: str
    label_fr: str
    description_fr: str
    example_url: str
    start: Callable[[Config], Request]
    read: Callable[[Response, Config], Page]
    to_dataset: Callable[[Record, Config], Dataset | Issue]
    looks_like: Callable[[Response], bool]
    settings: tuple[Setting, ...] = ()
    to_observations: Callable[[Record, Config], tuple[Observation, ...]] | None = None
    to_series: Callable[[Record, Config], tuple[Series, ...]] | None = None
    usual_paths: tuple[str, ...] = ()

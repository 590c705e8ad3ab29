"""A source small enough to read in a test: pages of JSON `{"items", "next", "total"}`."""

from __future__ import annotations

import json
from typing import Any

from harvesters.model import (
    Config,
    Dataset,
    Issue,
    Page,
    Record,
    Request,
    Resource,
    Response,
    Source,
)

START = "https://source.example/1"


def start(config: Config) -> Request:
    return Request(config.url)


def read(response: Response, config: Config) -> Page:
    page = json.loads(response.body)
    return Page(
        tuple(Record(item["id"], item, f"fiche {item['id']}") for item in page["items"]),
        tuple(Request(url) for url in page.get("next", ())),
        page.get("total"),
    )


def to_dataset(record: Record, config: Config) -> Dataset | Issue:
    if not record.payload.get("title"):
        return Issue("TER-PUB-005", record.where, "titre absent")
    urls = record.payload.get("urls", [f"https://source.example/{record.remote_id}.csv"])
    return Dataset(
        record.remote_id,
        record.payload["title"],
        description=record.payload.get("notes", ""),
        resources=tuple(Resource(url) for url in urls),
    )


TOY = Source("toy", "Jouet", "Pour les tests", START, start, read, to_dataset, lambda _: True)


def page(*items: dict[str, Any], next: str = "", total: int | None = None) -> bytes:
    body: dict[str, Any] = {"items": items}
    if next:
        body["next"] = [next]
    if total is not None:
        body["total"] = total
    return json.dumps(body).encode()


def items(count: int, first: int = 0) -> list[dict[str, Any]]:
    return [{"id": f"d{i}", "title": f"Jeu {i}"} for i in range(first, first + count)]

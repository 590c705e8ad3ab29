"""The RUDI source on the real catalogue of Rennes Métropole, and on paged answers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from harvesters.model import Config, Dataset, Page, Record, Request, Response
from harvesters.sources.rudi_node import SOURCE

NODE = Config("https://rudi.example/api/v1/resources")


def read(body: bytes) -> Page:
    asked = SOURCE.start(NODE)
    return SOURCE.read(Response(asked, asked.url, 200, {}, body), NODE)


def dataset(**fields: Any) -> Dataset:
    item = {"global_id": "g1", "resource_title": "Arbres", **fields}
    found = SOURCE.to_dataset(Record("g1", item, "fiche 1"), NODE)
    assert isinstance(found, Dataset)
    return found


def test_the_387_real_entries_are_mapped(shared_data: Path) -> None:
    file = shared_data / "rennes-metropole/catalogue/datarennes_meta.json"
    page = read(file.read_bytes())
    found = [SOURCE.to_dataset(record, NODE) for record in page.records]
    datasets = [one for one in found if isinstance(one, Dataset)]
    assert len(datasets) == page.declared_total == 387
    assert all(one.themes for one in datasets)
    assert Counter(one.licence for one in datasets) == {
        "odbl-1.0": 323, "lov2": 33, "lov1": 20, "cc-by-nd-4.0": 5, "notspecified": 6,
    }  # fmt: skip
    told = Counter(issue.code for one in datasets for issue in one.issues)
    assert told == {"TER-MAP-003": 387, "TER-MAP-004": 56, "TER-MAP-005": 1}
    assert not any(one.contact_email for one in datasets)
    assert "application/json" not in {r.media_type for one in datasets for r in one.resources}


def test_a_page_leads_to_the_next_until_the_total() -> None:
    page = read(orjson.dumps({"total": 3, "items": [{"global_id": "a"}, {"global_id": "b"}]}))
    assert page.next_requests[0].url.endswith("limit=200&offset=2")
    asked = Request(page.next_requests[0].url, context={"offset": 2})
    body = orjson.dumps({"total": 3, "items": [{"global_id": "c"}]})
    assert SOURCE.read(Response(asked, asked.url, 200, {}, body), NODE).next_requests == ()


def test_an_address_made_from_the_name_is_not_published_and_told() -> None:
    contact = {"contact_name": "Ville de Rennes", "email": "ville_de_rennes@rennes.example"}
    found = dataset(contacts=[contact])
    assert (found.contact_name, found.contact_email) == ("Ville de Rennes", "")
    assert "TER-MAP-003" in {issue.code for issue in found.issues}


def test_an_address_of_a_service_is_published() -> None:
    contact = {"contact_name": "Ville de Rennes", "email": "opendata@rennes.example"}
    assert dataset(contacts=[contact]).contact_email == "opendata@rennes.example"


def test_texts_are_read_in_french() -> None:
    texts = [{"lang": "en", "text": "Trees"}, {"lang": "fr-FR", "text": "Les arbres"}]
    assert dataset(summary=texts).description == "Les arbres"


def test_the_place_and_the_period_are_kept() -> None:
    box = {"west_longitude": -1.8, "east_longitude": -1.5, "south_latitude": 48.0,
           "north_latitude": 48.2}  # fmt: skip
    found = dataset(
        geography={"bounding_box": box},
        temporal_spread={"start_date": "2025-01-01T00:00:00Z", "end_date": "2025-12-31"},
    )
    assert '"Polygon"' in found.spatial
    assert found.temporal_end == "2025-12-31"


def test_a_format_is_believed_from_the_name_and_json_is_not() -> None:
    def media(name: str, declared: str) -> dict[str, Any]:
        return {"media_name": name, "file_type": declared,
                "connector": {"url": "https://rudi.example/media/1"}}  # fmt: skip

    found = dataset(
        available_formats=[media("a.csv", "application/json"), media("b", "application/json"),
                           media("c", "text/csv")]
    )  # fmt: skip
    assert [resource.format for resource in found.resources] == ["CSV", "", "CSV"]

"""Many datasets for the search benchmark: copies of the judged ones with their own words.

`python -m tests.benchmarks.search_catalogue INI COUNT` fills the portal of the tests with the
judged datasets through CKAN, then puts COUNT copies of their search documents in both cores, ours
and one with the stock schema. Prints a line of JSON: the token of a member.
"""

from __future__ import annotations

import hashlib
import json
import logging
import random
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import requests

from tests.ckan.conftest import act
from tests.search import judged

BATCH = 1000
OWNERS = ("metropole", *judged.COMMUNES, "transports", "energie", "culture")
# filled again by Solr itself from the others
COPIED = ("title_ngram", "name_ngram", "_version_", "indexed_ts", "score")
SHAPE = """
    <fieldType name="bench_shape" class="solr.SpatialRecursivePrefixTreeFieldType"
               spatialContextFactory="JTS" autoIndex="true" validationRule="repairBuffer0"
               distErrPct="0.025" maxDistErr="0.001" distanceUnits="kilometers"/>
</types>"""
FIELD = """
    <field name="spatial_geom" type="bench_shape" indexed="true" stored="true" multiValued="true"/>
</fields>"""


def with_map(schema: str) -> str:
    """Add to the stock schema the field that ckanext-spatial asks its operators to add."""
    return schema.replace("</types>", SHAPE).replace("</fields>", FIELD)


def copies(documents: list[dict[str, Any]], count: int) -> Iterator[dict[str, Any]]:
    """Make documents that differ in place, name, words and coverage."""
    chance = random.Random(1)
    communes = list(judged.COMMUNES.values())
    for number in range(count):
        told = {k: v for k, v in chance.choice(documents).items() if k not in COPIED}
        code, name = chance.choice(communes)
        west, south = -1.9 + chance.random() * 0.5, 48.0 + chance.random() * 0.2
        told |= {
            "id": str(uuid.UUID(int=chance.getrandbits(128))),
            "name": f"copie-{number:06}",
            "title": f"{told['title']} – {name} {number}",
            "notes": f"{told.get('notes', '')} Lot {number}, {name}.",
            "permission_labels": ["public"],
            "spatial_geom": [f"POINT({west} {south})"],
        }
        told["organization"] = chance.choice(OWNERS)
        if number % 3:
            told["vocab_communes"], told["words_places"] = [code], [name]
        told["index_id"] = hashlib.md5(told["id"].encode()).hexdigest()
        yield told


def post(url: str, documents: Iterator[dict[str, Any]]) -> None:
    """Send documents in batches, then make them visible."""
    batch: list[dict[str, Any]] = []
    for document in documents:
        batch.append(document)
        if len(batch) == BATCH:
            requests.post(f"{url}/update", json=batch, timeout=300).raise_for_status()
            batch = []
    requests.post(f"{url}/update", json=batch, params={"commit": "true"}, timeout=600)


def main(ini: str, count: int) -> None:
    """Fill both cores."""
    from ckan.cli import load_config
    from ckan.common import config
    from ckan.config.middleware import make_app

    app = make_app(load_config(ini))
    logging.disable(logging.ERROR)
    with app._wsgi_app.test_request_context():
        judged.fill()
        act("user_create", name="membre", email="membre@example.org", password="motdepasse-essai")
        act("organization_member_create", id="metropole", username="membre", role="editor")
        token = act("api_token_create", user="membre", name="banc d’essai")["token"]
        ours = str(config["solr_url"])
        params = {"q": "*:*", "rows": 1000, "fq": "dataset_type:dataset", "fl": "*"}
        found = requests.get(f"{ours}/select", params=params, timeout=60).json()
        documents = found["response"]["docs"]
        theirs = judged.create_stock_core(with_map)
        post(ours, copies(documents, count))
        post(theirs, copies(documents, count))
    print(json.dumps({"token": token, "ours": ours, "stock": theirs}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

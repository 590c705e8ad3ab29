"""A territory for the benchmark of pages: communes, datasets, car parks; on both sides.

`python -m tests.benchmarks.pages_catalogue INI COUNT` empties the portal of the tests, makes Rennes
Métropole with its communes, COUNT datasets and a table of car parks, and copies the documents of
the search into a core with the stock schema. Prints a line of JSON: the address of that core.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import requests

from tests.benchmarks.search_catalogue import COPIED, post, with_map
from tests.ckan.conftest import act, empty_tables
from tests.ckan.parking_rows import SLUG, park, to_csv, upload
from tests.search import judged

EPCI = "243500139"
OWNERS = {"acigne": "35001", "betton": "35024", "cesson-sevigne": "35051"}
WORDS = ("Arbres", "Budget", "Comptages à vélo", "Écoles", "Marchés publics", "Équipements")
PARKS = 60
TREES = "jeu-000"


def dataset(number: int) -> dict[str, Any]:
    """A dataset of a commune, with two files."""
    owner = list(OWNERS)[number % len(OWNERS)]
    subject = WORDS[number % len(WORDS)]
    return {
        "name": f"jeu-{number:03}",
        "title": f"{subject} de la commune, lot {number}",
        "notes": f"{subject}.\n\n" + "Une ligne par objet relevé. " * (1 + number % 12),
        "owner_org": owner,
        "license_id": "lov2",
        "communes": [OWNERS[owner]],
        "frequency": "yearly",
        "tag_string": "mesures,relevés",
        "resources": [
            {"url": f"https://example.fr/{number}.{kind}", "name": f"Lot {number}", "format": kind}
            for kind in ("csv", "json")
        ],
    }


def fill(count: int) -> None:
    """Make the territory, its datasets and a delivery of car parks for each commune."""
    from ckan.lib import search

    empty_tables()
    search.clear_all()
    act("territoire_territory_init", epci=EPCI)
    for number in range(count):
        act("package_create", **dataset(number))
    for owner, insee in OWNERS.items():
        rows = to_csv(*(park(number, insee) for number in range(1, PARKS + 1)))
        told = act("territoire_delivery_create", organization=owner, schema=SLUG,
                   upload=upload(rows))  # fmt: skip
        if told["state"] == "draft":
            act("territoire_delivery_publish", id=told["id"])


def main(ini: str, count: int) -> None:
    """Fill the portal and both cores."""
    from ckan.cli import load_config
    from ckan.common import config
    from ckan.config.middleware import make_app

    app = make_app(load_config(ini))
    logging.disable(logging.ERROR)
    with app._wsgi_app.test_request_context():
        fill(count)
        params = {"q": "*:*", "rows": 10_000, "fq": "dataset_type:dataset", "fl": "*"}
        found = requests.get(f"{config['solr_url']}/select", params=params, timeout=60).json()
        documents = found["response"]["docs"]
        stock = judged.create_stock_core(with_map)
        # who may see a dataset is searched, not stored: without it the stock pages show none
        seen = {"permission_labels": ["public"]}
        kept = ({k: v for k, v in each.items() if k not in COPIED} | seen for each in documents)
        post(stock, kept)
    print(json.dumps({"stock": stock, "documents": len(documents)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

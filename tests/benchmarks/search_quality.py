"""Judge both sides on the judged questions: `python -m tests.benchmarks.search_quality INI`.

The last line of the standard output is JSON: `alone`, and `beside` real entries where they are on
this machine, then side, then half, to the mean nDCG@10.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence

from harvesters.model import Dataset
from tests.conftest import SHARED
from tests.search import judged

REAL = SHARED / "rennes-metropole" / "catalogue" / "datarennes_meta.json"


def _both(beside: Sequence[Dataset]) -> dict[str, dict[str, float]]:
    judged.fill_both(beside)
    return {"stock": judged.scores(judged.stock), "ours": judged.scores(judged.ours)}


def main(ini: str) -> None:
    """Fill the portal of the tests and ask."""
    from ckan.cli import load_config
    from ckan.config.middleware import make_app

    app = make_app(load_config(ini))
    logging.disable(logging.ERROR)
    with app._wsgi_app.test_request_context():
        told = {"alone": _both(())}
        if REAL.is_file():
            told["beside"] = _both(judged.real_datasets(REAL))
        judged.drop_stock_core()
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])

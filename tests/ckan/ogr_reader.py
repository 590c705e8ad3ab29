"""Read a layer with OGR, in a process of its own: it holds Python's lock while it waits.

`python -m tests.ckan.ogr_reader SOURCE '{"layer": …, …}'` prints the layers, and the keys of the
features that pyogrio reads with these arguments.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

TIMEOUT_S = 60


def read_with_ogr(source: str, **arguments: Any) -> dict[str, Any]:
    """Read in a process of its own: `{"layers": [[name, geometry]], "keys": [...]}`."""
    command = [sys.executable, "-m", "tests.ckan.ogr_reader", source, json.dumps(arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout))


def main() -> None:
    """Read, print."""
    import pyogrio

    source, arguments = sys.argv[1], json.loads(sys.argv[2])
    if "bbox" in arguments:
        arguments["bbox"] = tuple(arguments["bbox"])
    layers = pyogrio.list_layers(source).tolist()
    _, _, shapes, columns = pyogrio.raw.read(source, columns=["territoire_cle"], **arguments)
    keys = [str(key) for key in columns[0]] if columns else [""] * len(shapes)
    print(json.dumps({"layers": layers, "keys": keys}))


if __name__ == "__main__":
    main()

"""`python -m deployment.demo --port P [--host 127.0.0.1] [--faults]`: serve the demo sources."""

from __future__ import annotations

import argparse
import contextlib

from deployment.demo.server import DemoServer


def main() -> None:
    """Serve until interrupted."""
    reader = argparse.ArgumentParser(prog="python -m deployment.demo", description=main.__doc__)
    reader.add_argument("--port", type=int, required=True)
    reader.add_argument("--host", default="127.0.0.1")
    reader.add_argument("--faults", action="store_true", help="answer /faults/… too (tests)")
    told = reader.parse_args()
    with DemoServer((told.host, told.port), told.faults) as server:
        print(f"Sources de démonstration : {server.site}/", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()

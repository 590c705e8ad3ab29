"""The service in a hurry: it gives up sooner, so that a fault that lasts does not make a test last.

Not too soon either: what answers at once on a busy machine must not count as silent.
"""

from __future__ import annotations

import pytest

from ckanext.territoire import config
from ckanext.territoire.harvest_adapter import runner
from harvesters.fetch import Fetcher, Limits, World

READ_S = 3.0


def hurry(patch: pytest.MonkeyPatch, tries: int = 2) -> None:
    """Let runs wait `READ_S` for an answer, and no time between two tries."""
    limits = Limits(connect_s=READ_S, read_s=READ_S, total_s=2 * READ_S, tries=tries, pause_s=0)
    world = World(sleep=lambda _: None)
    patch.setattr(
        runner, "fetcher", lambda *_: Fetcher(config.allowed_private_hosts(), limits, world=world)
    )

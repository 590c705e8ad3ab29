"""`territoire live …`: the commands on live."""

from __future__ import annotations

import click


@click.group("live")
def live() -> None:
    """Commands on live."""

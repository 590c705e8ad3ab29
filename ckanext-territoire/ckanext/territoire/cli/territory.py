"""`territoire territory …`: the commands on territory."""

from __future__ import annotations

import click


@click.group("territory")
def territory() -> None:
    """Commands on territory."""

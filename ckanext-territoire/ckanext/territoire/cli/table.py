"""`territoire table …`: the commands on table."""

from __future__ import annotations

import click


@click.group("table")
def table() -> None:
    """Commands on table."""

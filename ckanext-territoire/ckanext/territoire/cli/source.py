"""`territoire source …`: the commands on source."""

from __future__ import annotations

import click


@click.group("source")
def source() -> None:
    """Commands on source."""

"""The `territoire` command: one sub-command per noun."""

from __future__ import annotations

import click

from ckanext.territoire.cli.announcement import announcement
from ckanext.territoire.cli.delivery import delivery
from ckanext.territoire.cli.demo import demo
from ckanext.territoire.cli.doctor import doctor
from ckanext.territoire.cli.letter import letter
from ckanext.territoire.cli.live import live
from ckanext.territoire.cli.notice import notice
from ckanext.territoire.cli.privacy import privacy
from ckanext.territoire.cli.quality import quality
from ckanext.territoire.cli.reuse import reuse
from ckanext.territoire.cli.schema import schema
from ckanext.territoire.cli.schema_uses import uses
from ckanext.territoire.cli.source import source
from ckanext.territoire.cli.source_same import same
from ckanext.territoire.cli.table import table
from ckanext.territoire.cli.territory import territory


@click.group("territoire")
def territoire() -> None:
    """Territoire: the open-data platform of a federation of communes."""


source.add_command(same)
schema.add_command(uses)
COMMANDS = (
    announcement, delivery, demo, doctor, letter, live, notice, privacy, quality, reuse, schema,
    source, table, territory,
)  # fmt: skip
for command in COMMANDS:
    territoire.add_command(command)

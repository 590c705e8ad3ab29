"""`territoire privacy …`: the register of decisions on personal data."""

from __future__ import annotations

import csv
import json
import sys

import click

from ckanext.territoire.cli.calls import call
from harvesters.table.defuse import defuse


@click.group("privacy")
def privacy() -> None:
    """Les données personnelles : ce qui a été décidé de les publier ou non."""


@privacy.command("register")
@click.option("--organization", default="", help="Les décisions d’une seule organisation.")
@click.option("--json", "is_json", is_flag=True, help="Réponse en JSON, pour un programme.")
def register(organization: str, is_json: bool) -> None:
    """Le registre des décisions, en CSV, pour la personne déléguée à la protection des données.

    Exemple : deployment/territoire privacy register > registre.csv
    """
    rows = call("territoire_privacy_register", organization=organization)
    if is_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif rows:
        writer = csv.writer(sys.stdout, delimiter=";")
        writer.writerow(rows[0])
        writer.writerows([defuse(str(cell)) for cell in row.values()] for row in rows)
    else:
        click.echo("Aucune décision n’a été prise.", err=True)

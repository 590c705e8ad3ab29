"""`territoire quality …`: measure the reliability of everything, show that of one dataset."""

from __future__ import annotations

import json
from datetime import datetime

import click

from ckanext.territoire.cli.calls import call

as_json = click.option(
    "--json", "is_json", is_flag=True, help="Réponse en JSON, pour un programme."
)


@click.group("quality")
def quality() -> None:
    """La fiabilité des données : la mesurer chaque jour, la montrer."""


@quality.command("measure")
@as_json
def measure(is_json: bool) -> None:
    """Mesurer tous les jeux de données et leurs fichiers ; à lancer chaque jour.

    Exemple : deployment/territoire quality measure
    """
    from ckanext.territoire.portal.typography import PARIS
    from ckanext.territoire.quality.measure import measure_all

    count = measure_all(datetime.now(PARIS).date())
    told = f"{count} jeux de données et fichiers mesurés."
    click.echo(json.dumps({"measured": count}) if is_json else told)


@quality.command("show")
@click.argument("dataset")
@as_json
def show(dataset: str, is_json: bool) -> None:
    """La fiabilité d’un jeu de données ou d’un fichier, et ce qui la ferait monter.

    Exemple : deployment/territoire quality show lieux-de-stationnement
    """
    told = call("territoire_score_show", id=dataset)
    if is_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    value = "–" if told["score"] is None else f"{told['score']} sur 100"
    click.echo(f"{value}, {told['word']}")
    for part in told["parts"]:
        points = "–" if part["points"] is None else part["points"]
        click.echo(f"  {part['label']:<18} {points:>3}/{part['weight']}  {part['sentence']}")
        if part["advice"]:
            click.echo(f"{'':<27}→ {part['advice']}")

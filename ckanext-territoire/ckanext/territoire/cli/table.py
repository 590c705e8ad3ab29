"""`territoire table …`: load the tables of resources, say what was understood of them."""

from __future__ import annotations

import json
from typing import Any

import click

from ckanext.territoire.cli.calls import call

STATES = {"waiting": "en attente", "loaded": "chargé", "failed": "en échec",
          "same": "lu dans un autre format"}  # fmt: skip
as_json = click.option(
    "--json", "is_json", is_flag=True, help="Réponse en JSON, pour un programme."
)


@click.group("table")
def table() -> None:
    """Les tableaux : lire les fichiers CSV, Excel et OpenDocument, les charger, les décrire."""


def _print(shown: dict[str, Any]) -> None:
    told = shown["reading"].get("sentence", "")
    click.echo(f"{shown['resource_id']}  {STATES[shown['state']]}  {told}")
    for issue in shown["issues"]:
        click.echo(f"  - {issue['sentence']}")


@table.command("load")
@click.option("--all", "is_all", is_flag=True, help="Tous les jeux de données.")
@click.option("--dataset", default="", help="Les tableaux d’un jeu de données.")
@click.option("--resource", default="", help="Un seul tableau, par l’identifiant de sa ressource.")
@click.option("--force", is_flag=True, help="Relire même si le fichier n’a pas changé.")
@as_json
def load(is_all: bool, dataset: str, resource: str, force: bool, is_json: bool) -> None:
    """Charger les tableaux en attente, ou ceux qui sont demandés.

    Exemple : deployment/territoire table load --all
    """
    if resource:
        shown = call("territoire_table_load", id=resource, force=force)
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2)) if is_json else _print(shown)
        if shown["state"] == "failed":
            raise click.exceptions.Exit(1)
        return
    if is_all or dataset:
        call("territoire_table_queue", id=dataset)
    from ckanext.territoire.table.load import load_waiting

    done = load_waiting()
    if is_json:
        click.echo(json.dumps(done))
    else:
        told = f"{done['loaded']} tableaux chargés, {done['failed']} en échec"
        if done.get("same"):
            told += f", {done['same']} lus dans un autre format"
        if done.get("waiting"):
            told += f", {done['waiting']} en attente de leur serveur"
        click.echo(f"{told}.")


@table.command("show")
@click.argument("resource")
@as_json
def show(resource: str, is_json: bool) -> None:
    """Ce qui a été compris d’un tableau.

    Exemple : deployment/territoire table show 6f1c2a34-…
    """
    shown = call("territoire_table_show", id=resource)
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2)) if is_json else _print(shown)

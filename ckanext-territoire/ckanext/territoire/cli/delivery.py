"""`territoire delivery …`: deposit a file for a commune, publish it, take it back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from werkzeug.datastructures import FileStorage

from ckanext.territoire.cli.calls import call

STATES = {
    "draft": "à publier",
    "held": "retenue",
    "live": "publiée",
    "replaced": "remplacée",
    "undone": "annulée",
    "refused": "refusée",
    "failed": "illisible",
}
as_json = click.option(
    "--json", "is_json", is_flag=True, help="Réponse en JSON, pour un programme."
)


@click.group("delivery")
def delivery() -> None:
    """Les livraisons : déposer un fichier pour une commune, le publier, l’annuler."""


def _print(shown: dict[str, Any], is_json: bool = False) -> None:
    if is_json:
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    counts = f"{shown['good'] or 0} bonnes, {shown['bad'] or 0} à corriger"
    click.echo(f"{shown['id']}  {STATES[shown['state']]}  {shown['schema_id']}  {counts}")
    report = shown["report"]
    if issue := report.get("issue"):
        click.echo(f"  - {issue['sentence']}")
    for text in (report.get("sentence"), *shown["reasons_text"]):
        click.echo(f"  {text}") if text else None
    for cause in report.get("causes", ()):
        click.echo(f"  - {cause['count']} × {cause['sentence']}")


@delivery.command("deposit")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--org", "organization", required=True, help="L’organisation qui dépose.")
@click.option("--schema", default="", help="Le modèle ; sinon il est reconnu.")
@click.option("--publish", "is_published", is_flag=True, help="Publier si rien ne retient.")
@as_json
def deposit(file: Path, organization: str, schema: str, is_published: bool, is_json: bool) -> None:
    """Déposer un fichier et dire ce qu’il vaut.

    Exemple : deployment/territoire delivery deposit parkings.csv --org acigne --publish
    """
    with file.open("rb") as stream:
        shown = call(
            "territoire_delivery_create",
            organization=organization,
            schema=schema,
            upload=FileStorage(stream, file.name),
        )
    if is_published and shown["state"] == "draft":
        shown = call("territoire_delivery_publish", id=shown["id"])
    _print(shown, is_json)
    if shown["state"] == "failed":
        raise click.exceptions.Exit(1)


@delivery.command("list")
@click.option("--org", "organization", required=True, help="L’organisation.")
@click.option("--waiting", is_flag=True, help="Celles qui attendent une décision.")
@as_json
def list_(organization: str, waiting: bool, is_json: bool) -> None:
    """Lister les livraisons d’une organisation.

    Exemple : deployment/territoire delivery list --org acigne
    """
    listed = call("territoire_delivery_list", organization=organization, waiting=waiting)
    if is_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    for shown in listed:
        _print(shown)


@delivery.command("show")
@click.argument("delivery_id")
@as_json
def show(delivery_id: str, is_json: bool) -> None:
    """Relire le compte rendu d’une livraison.

    Exemple : deployment/territoire delivery show 6f1c2a34-…
    """
    _print(call("territoire_delivery_show", id=delivery_id), is_json)


@delivery.command("publish")
@click.argument("delivery_id")
@click.option("--accept", multiple=True, help="Raison acceptée : brake, commune ou empty.")
def publish(delivery_id: str, accept: tuple[str, ...]) -> None:
    """Publier une livraison en attente.

    Exemple : deployment/territoire delivery publish 6f1c2a34-… --accept brake
    """
    _print(call("territoire_delivery_publish", id=delivery_id, accept=list(accept)))


@delivery.command("undo")
@click.argument("delivery_id")
def undo(delivery_id: str) -> None:
    """Annuler la dernière livraison : les lignes d’avant reviennent.

    Exemple : deployment/territoire delivery undo 6f1c2a34-…
    """
    live = call("territoire_delivery_undo", id=delivery_id)["live"]
    if live:
        _print(live)
    else:
        click.echo("Annulée ; il n’y avait pas de livraison avant elle.")

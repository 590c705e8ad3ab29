"""`territoire source same …`: the datasets that several sources carry."""

from __future__ import annotations

import json
from typing import Any

import click

from ckanext.territoire.cli.calls import call

why = click.option("--reason", default="", help="Pourquoi, gardé dans l’historique.")


@click.group("same")
def same() -> None:
    """Un même jeu de données par plusieurs sources : voir, réunir, séparer."""


@same.command("list")
@click.option("--json", "is_json", is_flag=True, help="Réponse en JSON, pour un programme.")
def list_(is_json: bool) -> None:
    """Les doublons possibles, puis les jeux qui ont plusieurs origines.

    Exemple : deployment/territoire source same list
    """
    found = call("territoire_same_list")
    if is_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not (found["proposals"] or found["merged"]):
        click.echo("Aucun doublon, et chaque jeu moissonné ne vient que d’une source.")
    for item in found["proposals"]:
        click.echo(f"Peut-être un seul jeu, ils ont {', '.join(item['reasons_text'])} :")
        for each in item["datasets"]:
            rule = "  ← d’après la règle" if each["id"] == item["winner"] else ""
            click.echo(f"  {each['name']}  [{each['source']}]{rule}")
    for item in found["merged"]:
        click.echo(f"{item['name']}  a {len(item['origins'])} origines :")
        for origin in item["origins"]:
            click.echo(f"  {origin['source_name']}  {_standing(origin)}")
    left = found["proposal_count"] - len(found["proposals"])
    if left:
        click.echo(f"… et {left} autres doublons possibles, sur la page « Doublons ».")


def _standing(origin: dict[str, Any]) -> str:
    return "publie" if origin["is_published"] else origin["state_text"]


@same.command("merge")
@click.argument("datasets", nargs=-1, required=True)
@click.option("--winner", default="", help="Celui qui reste ; la règle choisit sinon.")
@why
def merge(datasets: tuple[str, ...], winner: str, reason: str) -> None:
    """Réunir des jeux de données : un seul reste, les autres adresses y mènent.

    Exemple : deployment/territoire source same merge arbres les-arbres --winner arbres
    """
    made = call("territoire_same_merge", ids=list(datasets), winner=winner, reason=reason)
    click.echo(f"Réunis dans « {made['name']} », qui a {len(made['origins'])} origines.")


@same.command("separate")
@click.argument("dataset")
@click.argument("source")
@why
def separate(dataset: str, source: str, reason: str) -> None:
    """Séparer une source d’un jeu de données : elle retrouve le sien, à son ancienne adresse.

    Exemple : deployment/territoire source same separate arbres source-portail-national
    """
    call("territoire_same_separate", id=dataset, source=source, reason=reason)
    click.echo("Séparés. Un jeu qui n’avait pas encore d’adresse paraîtra à la prochaine moisson.")

"""`territoire announcement …`: what will change or go in the API, said before it does."""

from __future__ import annotations

import json

import click

from ckanext.territoire.cli.calls import call
from ckanext.territoire.portal.typography import count


@click.group("announcement")
def announcement() -> None:
    """Les changements annoncés aux développeurs : les lister, en annoncer un, le retirer."""


@announcement.command("list")
@click.option("--json", "is_json", is_flag=True, help="Réponse en JSON, pour un programme.")
def list_(is_json: bool) -> None:
    """Lister ce qui est annoncé, ce qui est passé et ce qui a été retiré.

    Exemple : deployment/territoire announcement list
    """
    listed = call("territoire_announcement_list")
    if is_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
        return
    for each in listed:
        state = "retirée" if each["is_withdrawn"] else "passée" if each["is_over"] else "en cours"
        click.echo(f"{each['id']:>4}  {state:<9} {each['headline']}")
    if not listed:
        click.echo("Rien n’est annoncé.")


@announcement.command("add")
@click.argument("table", default="")
@click.option("--column", default="", help="La colonne ; sans elle, toute la table.")
@click.option("--address", default="", help="Une adresse de l’API, au lieu d’une table.")
@click.option("--on", "at", required=True, help="Dernier jour, ou jour du changement, AAAA-MM-JJ.")
@click.option("--change", "is_change", is_flag=True, help="Elle change ; sinon elle disparaît.")
@click.option("--why", required=True, help="Une phrase pour ceux qui s’en servent.")
@click.option("--instead", "becomes", default="", help="Ce qu’il faut utiliser à la place.")
def add(table: str, column: str, address: str, at: str, is_change: bool, why: str,
        becomes: str) -> None:  # fmt: skip
    """Annoncer qu’une table, une colonne ou une adresse va changer ou disparaître.

    Ceux dont la clé s’en sert sont prévenus par courriel. Après le dernier jour de ce qui
    disparaît, l’API répond 410 avec cette date.

    Exemple : deployment/territoire announcement add arbres --column essence --on 2027-06-30 --why
    "Elle est remplacée."
    """
    made = call(
        "territoire_announcement_create",
        kind="address" if address else "column" if column else "table",
        effect="change" if is_change else "end", table=table, column=column, address=address,
        at=at, why=why, becomes=becomes,
    )  # fmt: skip
    click.echo(f"Annonce {made['id']} : {made['headline']}.")
    click.echo(f"{count(made['keys'], 'clé concernée', 'clés concernées')}.")


@announcement.command("withdraw")
@click.argument("number")
def withdraw(number: str) -> None:
    """Retirer une annonce : rien ne disparaît, et plus personne n’est prévenu.

    Exemple : deployment/territoire announcement withdraw 12
    """
    done = call("territoire_announcement_withdraw", id=number)
    click.echo(f"Retirée : {done['headline']}.")

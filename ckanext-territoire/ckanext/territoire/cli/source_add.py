"""`territoire source add` and `preview`: give an address, see what it is, try it, add it."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from ckanext.territoire.cli.calls import call
from ckanext.territoire.cli.source_print import print_candidates, print_preview

as_json = click.option(
    "--json", "is_json", is_flag=True, help="Réponse en JSON, pour un programme."
)
of_kind = click.option("--kind", default="", help="Type de source ; reconnu à l’adresse sinon.")
settings = click.option(
    "--set", "pairs", multiple=True, help="Réglage du type : nom=valeur. Répétable."
)


def _settings(pairs: tuple[str, ...]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise click.BadParameter(f"« {pair} » : écrivez nom=valeur.", param_hint="--set")
    return dict(pair.split("=", 1) for pair in pairs)


def _recognise(url: str, is_json: bool) -> tuple[str, str]:
    """Answer the kind of an address and the address to keep; a doubt is asked of the person."""
    click.echo(f"Essai de quelques adresses de {url}…", err=True)
    found = call("territoire_source_recognise", url=url)
    by_kind = {each["kind"]: each for each in found["candidates"]}
    if not is_json:
        print_candidates(found["candidates"])
    kind = found["best"]
    if not kind and by_kind and sys.stdin.isatty() and not is_json:
        kind = click.prompt("Quel type ?", type=click.Choice(sorted(by_kind)))
    if not kind:
        raise click.ClickException(found["issue"])
    return kind, by_kind[kind]["url"]


@click.command("add")
@click.argument("url")
@of_kind
@click.option("--org", required=True, help="Organisation : nom, code INSEE ou SIREN.")
@click.option("--name", default="", help="Nom court ; déduit du titre sinon.")
@click.option("--title", default="", help="Titre lisible.")
@click.option("--frequency", default="AUTO", help="AUTO, DAILY, WEEKLY, MONTHLY ou MANUAL.")
@settings
@as_json
def add(  # noqa: PLR0913, PLR0917 one parameter an option of the command
    url: str, kind: str, org: str, name: str, title: str, frequency: str, pairs: tuple[str, ...],
    is_json: bool,
) -> None:  # fmt: skip  # one argument per option of the command
    """Ajouter une source ; son type est reconnu à l’adresse, ou donné par --kind.

    Exemple : deployment/territoire source add https://data.exemple.fr --org rennes
    """
    told = _settings(pairs)
    if not kind:
        kind, url = _recognise(url, is_json)
    made = call(
        "territoire_source_create",
        kind=kind, url=url, organization=org, name=name, title=title, frequency=frequency,
        settings=told,
    )  # fmt: skip
    if is_json:
        click.echo(json.dumps(made, ensure_ascii=False, indent=2))
    elif made["is_draft"]:
        click.echo(f"Source gardée en brouillon : {made['name']}\n{made['issue']}")
    else:
        click.echo(f"Source ajoutée : {made['name']}")


@click.command("preview")
@click.argument("name_or_url")
@of_kind
@click.option("--org", default="", help="Organisation qui publierait : nom, code INSEE ou SIREN.")
@settings
@as_json
def preview(
    name_or_url: str, kind: str, org: str, pairs: tuple[str, ...], is_json: bool
) -> None:  # fmt: skip
    """Essayer une source, ou une adresse qui n’en est pas encore une, sans rien écrire.

    Exemple : deployment/territoire source preview https://data.exemple.fr
    """
    asked: dict[str, Any] = {"id": name_or_url}
    if "://" in name_or_url:
        told, url = _settings(pairs), name_or_url
        if not kind:
            kind, url = _recognise(url, is_json)
        asked = {"kind": kind, "url": url, "organization": org, "settings": told}
    print_preview(call("territoire_source_preview", **asked), is_json)

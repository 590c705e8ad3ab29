"""`territoire source discover`: the sources that the territory already has, found and added."""

from __future__ import annotations

import json
from typing import Any

import click
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire.cli.calls import call, sentence_of, site_user_context
from ckanext.territoire.cli.source_add import as_json
from harvesters.ports import Progress


@click.command("discover")
@click.option("--epci", default="", help="SIREN de l’EPCI ; celui du territoire sinon.")
@click.option("--url", default="", help="Un autre catalogue fait avec udata que celui du réglage.")
@click.option(
    "--yes", "is_sure", is_flag=True, help="Ajouter les sources conseillées sans demander."
)
@click.option("--frequency", default="WEEKLY", help="DAILY, WEEKLY, MONTHLY ou MANUAL.")
@as_json
def discover(epci: str, url: str, is_sure: bool, frequency: str, is_json: bool) -> None:
    """Chercher au catalogue national les sources du territoire, puis ajouter celles conseillées.

    Exemple : deployment/territoire source discover --epci 243500139
    """
    found = _search(epci, url, is_json)
    chosen = [each for each in found["proposals"] if each["is_chosen"]]
    if is_json and not is_sure:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not is_json:
        _print_found(found)
    if not chosen:
        click.echo("Rien de nouveau à ajouter.", err=is_json)
        return
    if not is_sure and not click.confirm(f"Ajouter ces {len(chosen)} sources ?"):
        click.echo("Rien n’a été ajouté.")
        return
    _add(chosen, frequency, is_json)


def _search(epci: str, url: str, is_json: bool) -> Any:
    def tell(progress: Progress) -> None:
        total = f"/{progress.total}" if progress.total else ""
        if not is_json:
            click.echo(f"\r  {progress.step} : {progress.done}{total}\x1b[K", nl=False, err=True)

    context = Context(**site_user_context(), progress=tell)  # type: ignore[typeddict-item]
    try:
        asked = {"epci": epci, "url": url}
        found = toolkit.get_action("territoire_source_discover")(context, asked)
    except toolkit.ValidationError as fault:
        raise click.ClickException(sentence_of(fault.error_dict)) from fault
    finally:
        if not is_json:
            click.echo("", err=True)
    return found


def _print_found(found: dict[str, Any]) -> None:
    """Print what is proposed: [x] is advised, [=] is here already, [ ] is left to a person."""
    click.echo(
        f"{found['title']} : {found['organization_count']} organisations au catalogue"
        f" {found['catalogue']} ({found['request_count']} demandes)."
    )
    for each in found["proposals"]:
        mark = "=" if each["here"] else "x" if each["is_chosen"] else " "
        doubles = each["double_count"]
        told = f", {doubles} des {each['read_count']} premiers déjà publiés ici" if doubles else ""
        click.echo(f"  [{mark}] {each['title']} ({each['count']} jeux{told})")
        here = f"déjà la source « {each['here']['title']} »" if each["here"] else each["reason"]
        click.echo(f"      {each['kind']} {each['url']}\n      {here}")
    for note in found["notes"]:
        click.echo(f"  Remarque : {note}")


def _add(chosen: list[dict[str, Any]], frequency: str, is_json: bool) -> None:
    keys = ("kind", "url", "title", "organization")
    wanted = [{key: each[key] for key in keys} | {"frequency": frequency} for each in chosen]
    done = call("territoire_source_create_many", sources=wanted)
    if is_json:
        click.echo(json.dumps(done, ensure_ascii=False, indent=2))
        return
    for made in done["added"]:
        draft = " (brouillon : l’adresse n’a pas répondu)" if made["is_draft"] else ""
        click.echo(f"Source ajoutée : {made['name']}{draft}")
    for each in done["refused"]:
        click.echo(f"Non ajoutée : {each['title']}\n  {each['told']}", err=True)
    if done["refused"]:
        raise click.exceptions.Exit(1)

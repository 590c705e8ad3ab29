"""`territoire demo load`: add the sources of the demo territory and harvest them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import yaml
from ckan.plugins import toolkit

from ckanext.territoire.cli.calls import call
from ckanext.territoire.cli.demo_community import tell_community
from ckanext.territoire.cli.demo_deposits import deposit_examples
from harvesters.errors import Refused


@click.group("demo")
def demo() -> None:
    """Le territoire de démonstration."""


@demo.command("load")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default="deployment/demo/sources.yaml",
    help="La liste des sources de démonstration.",
)
@click.option("--url", default="", help="Adresse du serveur de démonstration.")
def load(path: Path, url: str) -> None:
    """Ajouter et moissonner les sources de démonstration ; relancée, elle ne double rien.

    Exemple : deployment/territoire demo load
    """
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    root = (url or str(toolkit.config["ckanext.territoire.demo.url"])).rstrip("/")
    partners = {each["name"]: _add_partner(each) for each in listed.get("partners", ())}
    known = {source["url"]: source["name"] for source in call("territoire_source_list")}
    failed = 0
    for each in listed["sources"]:
        address = f"{root}{each['path']}"
        name = known.get(address) or _add_source(each, address, partners)
        failed += not _run(name, each["title"])
    from ckanext.territoire.table.load import load_waiting

    tables = load_waiting()
    click.echo(f"Tableaux lus : {tables['loaded']}, refusés : {tables['failed']}.")
    click.echo(f"Dépôts des communes : {deposit_examples()}.")
    community = path.with_name("community.yaml")
    if community.exists():
        told = tell_community(community, root)
        click.echo(f"Réutilisations, questions, défi, signalements : {told} de plus.")
    if failed:
        raise click.ClickException(f"{failed} sources n’ont pas pu être moissonnées.")


def _add_partner(partner: dict[str, Any]) -> str:
    return str(call("territoire_partner_add", title=partner["title"], kind="autre")["name"])


def _add_source(each: dict[str, Any], address: str, partners: dict[str, str]) -> str:
    made = call(
        "territoire_source_create",
        kind=each["kind"],
        url=address,
        organization=partners.get(each["org"], each["org"]),
        name=each["name"],
        title=each["title"],
        frequency=each.get("frequency", "DAILY"),
        settings=each.get("settings") or {},
    )
    return str(made["name"])


def _run(name: str, title: str) -> bool:
    from ckanext.territoire.harvest_adapter import add, runner, sources

    try:
        found = sources.load_source(name)
        issue = add.check_draft(found) if found.is_draft else None
        if issue:
            raise Refused(issue)
        _, report = runner.run_now(sources.load_source(name))
    except Refused as fault:
        click.echo(f"{title} : {fault}", err=True)
        return False
    click.echo(f"{title} : {report.sentence}")
    return report.state.value == "finished"

"""`territoire live …`: the last values of a dataset, the values of a series."""

from __future__ import annotations

import json

import click

from ckanext.territoire.cli.calls import call

as_json = click.option(
    "--json", "is_json", is_flag=True, help="Réponse en JSON, pour un programme."
)


@click.group("live")
def live() -> None:
    """Les mesures en direct : dernières valeurs et historique."""


@live.command("last")
@click.argument("dataset")
@as_json
def last(dataset: str, is_json: bool) -> None:
    """Les dernières valeurs d’un jeu de données.

    Exemple : deployment/territoire live last temperature-mesures-en-direct
    """
    found = call("territoire_series_list", id=dataset)
    if is_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo("Ce jeu de données n’a pas de mesures.")
    for one in found:
        value = one["text"] or ("–" if one["value"] is None else f"{one['value']:g}")
        late = "  (en retard)" if one["is_late"] else ""
        click.echo(f"{one['id']:>6}  {one['name']} : {value} {one['unit']}  {one['age']}{late}")


@live.command("history")
@click.argument("series")
@click.option("--from", "since", default="", help="Depuis cet instant, comme 2026-11-23T14:00:00Z.")
@click.option("--to", "until", default="", help="Avant cet instant.")
@click.option("--limit", default=100, help="Nombre de valeurs, 10 000 au plus.")
@as_json
def history(series: str, since: str, until: str, limit: int, is_json: bool) -> None:
    """Les valeurs d’une série, la plus récente d’abord.

    Exemple : deployment/territoire live history 12 --limit 10
    """
    values = {"id": series, "from": since, "to": until, "limit": limit}
    found = call("territoire_observation_list", **values)
    if is_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for one in found:
        click.echo(f"{one['time']}  {one['text'] or one['value']}")

"""`territoire territory …`: set the territory up, show it, add partners, publish its datasets."""

from __future__ import annotations

import json
from typing import Any

import click
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire.cli.calls import call, sentence_of, site_user_context

as_json = click.option(
    "--json", "is_json", is_flag=True, help="Réponse en JSON, pour un programme."
)
KINDS = ("operateur", "operator", "syndicat", "etat", "autre")


@click.group("territory")
def territory() -> None:
    """Le territoire : l’EPCI, ses communes, ses partenaires."""


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@territory.command("init")
@click.option("--epci", required=True, help="Numéro SIREN de l’EPCI, neuf chiffres.")
@click.option(
    "--on", default="", help="Jour d’effet des changements, AAAA-MM-JJ ; aujourd’hui sinon."
)
@as_json
def init(epci: str, on: str, is_json: bool) -> None:
    """Créer l’EPCI et ses communes, ou les mettre à jour d’après la liste officielle.

    Exemple : deployment/territoire territory init --epci 243500139
    """

    def progress(done: int, total: int, label: str) -> None:
        if not is_json:
            click.echo(f"\r  {done}/{total} {label}\x1b[K", nl=done == total, err=True)

    context = Context(**site_user_context(), progress=progress)  # type: ignore[typeddict-item]
    try:
        report = toolkit.get_action("territoire_territory_init")(context, {"epci": epci, "on": on})
    except toolkit.ValidationError as fault:
        raise click.ClickException(sentence_of(fault.error_dict)) from fault
    if is_json:
        _print_json(report)
        return
    click.echo(_told(report))


def _told(report: dict[str, Any]) -> str:
    """Say what a set-up did."""
    head = f"{report['name']} : {report['member_count']} communes."
    if not report["write_count"]:
        return f"{head} Tout est à jour, rien n’a été écrit."
    lines = [
        head,
        f"  organisations créées : {len(report['created'])},"
        f" mises à jour : {len(report['updated'])}",
        f"  contours et mairies écrits : {report['facts_written']}",
        f"  adhésions ouvertes : {len(report['opened'])}, closes : {len(report['closed'])}",
    ]
    if report["without_outline"]:
        lines.append(f"  sans contour connu : {', '.join(report['without_outline'])}")
    return "\n".join(lines)


@territory.command("list")
@as_json
def list_(is_json: bool) -> None:
    """Lister les organisations du territoire et leurs jeux de données.

    Exemple : deployment/territoire territory list
    """
    roots = call("territoire_organization_tree")
    if is_json:
        _print_json(roots)
        return
    if not roots:
        click.echo(
            "Aucune organisation. Commencez par : deployment/territoire territory init --help"
        )
    for root in roots:
        click.echo(_line(root, ""))
        for branch in ("communes", "former", "partners"):
            for node in root[branch]:
                click.echo(_line(node, "  "))


def _line(node: dict[str, Any], indent: str) -> str:
    code = node["insee"] or node["siren"] or "—"
    left = f", jusqu’au {node['member_until']}" if node["member_until"] else ""
    sort = f" ({node['kind']}{left})" if node["kind"] != "commune" or left else ""
    return f"{indent}{code:<9} {node['name']:<34} {node['dataset_count']:>5}  {node['title']}{sort}"


@territory.command("show")
@click.argument("commune", required=False)
@as_json
def show(commune: str | None, is_json: bool) -> None:
    """Montrer l’EPCI, ou une de ses communes par son nom ou son code INSEE.

    Exemple : deployment/territoire territory show "Saint-Jacques-de-la-Lande"
    """
    if commune:
        found = call("territoire_commune_show", id=commune)
        return _print_json(found) if is_json else click.echo(_commune_text(found))
    root = call("territoire_territory_show")
    if is_json:
        return _print_json(root)
    click.echo(f"{root['title']} (SIREN {root['siren']}), {root['population']} habitants")
    counts = (
        ("communes", "communes"),
        ("former", "anciennes communes"),
        ("partners", "partenaires"),
    )
    for branch, label in counts:
        click.echo(f"  {label:<20} {len(root[branch])}")
    return click.echo(f"  {'jeux de données':<20} {root['total_dataset_count']}")


def _commune_text(found: dict[str, Any]) -> str:
    hall = found["town_hall"]
    lines = [
        f"{found['name']} (INSEE {found['insee']}, SIREN {found['siren']})",
        f"  page         /organization/{found['slug']}",
        f"  population   {found['population']}",
        f"  code postal  {' '.join(found['postcodes'])}",
        f"  membre       connue depuis le {found['member_since']}",
        f"  mairie       {hall.get('address', '—')}",
        f"  horaires     {hall.get('hours_text') or '—'}",
        f"  contour      {'oui' if found['outline'] else 'inconnu'}",
    ]
    return "\n".join(lines)


@territory.command("publish")
@as_json
def publish(is_json: bool) -> None:
    """Publier les deux jeux de données du territoire : communes, mairies.

    Exemple : deployment/territoire territory publish
    """
    done = call("territoire_territory_publish")
    if is_json:
        _print_json(done)
        return
    for dataset in done["datasets"]:
        told = "publié" if dataset["is_written"] else "à jour, rien n’a été écrit"
        click.echo(f"  {dataset['title']} : {told}")


@territory.group("partner")
def partner() -> None:
    """Les partenaires du territoire : opérateurs, syndicats, services de l’État…"""


@partner.command("add")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default="autre", show_default=True, help="Sorte.")
@click.option("--siren", default="", help="Numéro SIREN, neuf chiffres.")
@as_json
def add(name: str, kind: str, siren: str, is_json: bool) -> None:
    """Ajouter un partenaire sous l’EPCI ; le même une seconde fois n’est pas doublé.

    Exemple : deployment/territoire territory partner add "Réseau STAR" --kind operateur
    """
    made = call("territoire_partner_add", title=name, kind=kind, siren=siren)
    if is_json:
        _print_json(made)
    elif made["is_new"]:
        click.echo(f"Partenaire ajouté : {made['title']} ({made['name']})")
    else:
        click.echo(f"Ce partenaire existe déjà : {made['title']} ({made['name']})")

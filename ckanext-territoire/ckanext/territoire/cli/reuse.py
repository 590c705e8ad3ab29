"""`territoire reuse …`: ask the addresses of reuses, list those that do not answer."""

from __future__ import annotations

import click


@click.group("reuse")
def reuse() -> None:
    """Les réutilisations : vérifier que leurs adresses répondent."""


@reuse.command("check")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, help="Adresses au plus.")
def check(limit: int) -> None:
    """Demander les adresses qui ne l’ont pas été depuis un mois, comme chaque jour la plateforme.

    Exemple : deployment/territoire reuse check --limit 50
    """
    from ckanext.territoire.community.link_check import check_links

    asked, failed = check_links(limit)
    click.echo(f"{asked} demandée{'s' if asked > 1 else ''}, {failed} sans réponse.")


@reuse.command("dead")
def dead() -> None:
    """Les réutilisations dont l’adresse n’a pas répondu deux fois de suite.

    Exemple : deployment/territoire reuse dead
    """
    from ckanext.territoire.community import link_check, reuse_store

    found = reuse_store.dead_links(link_check.DEAD)
    for each in found:
        click.echo(f"{each.contribution.title} : {each.contribution.url} ({each.link_fault})")
    if not found:
        click.echo("Toutes les adresses répondent.")

"""`territoire notice …`: what stands, send now, mark an address that no longer answers."""

from __future__ import annotations

import json

import click

from ckanext.territoire.cli.calls import call

as_json = click.option(
    "--json", "is_json", is_flag=True, help="Réponse en JSON, pour un programme."
)


@click.group("notice")
def notice() -> None:
    """Les avis envoyés par courriel : ce qui est à dire, envoyer, adresses en panne."""


@notice.command("list")
@as_json
def list_(is_json: bool) -> None:
    """Ce qui est à dire en ce moment, une ligne par état.

    Exemple : deployment/territoire notice list
    """
    from ckanext.territoire.harvest_adapter.jobs import utc_now
    from ckanext.territoire.notices.facts import read_standing
    from ckanext.territoire.notices.words import WORDS

    found = read_standing(utc_now()).standing
    if is_json:
        told = [{"kind": s.kind.value, "subject": s.subject, **s.facts} for s in found]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    for standing in found:
        click.echo(f"{standing.facts.get('title')} : {WORDS[standing.kind].one}")
    if not found:
        click.echo("Rien à dire : tout va bien.")


@notice.command("send")
def send() -> None:
    """Envoyer maintenant les avis qui sont dus ; la plateforme le fait toutes les cinq minutes.

    Exemple : deployment/territoire notice send
    """
    from ckanext.territoire.harvest_adapter.jobs import utc_now
    from ckanext.territoire.links import mail
    from ckanext.territoire.notices.send import look

    sent = look(utc_now())
    if not mail.is_configured():
        click.echo("L’envoi de courriels n’est pas réglé : smtp.server et smtp.mail_from.")
    click.echo(f"{sent} courriel{'s' if sent > 1 else ''} envoyé{'s' if sent > 1 else ''}.")


@notice.command("bounced")
@click.argument("address")
def bounced(address: str) -> None:
    """Marquer une adresse qui ne répond plus : elle devient une tâche de l’EPCI.

    Exemple : deployment/territoire notice bounced secretariat@mairie.example
    """
    done = call("territoire_address_pause", address=address)
    told = "Rien ne lui sera plus envoyé" if done["is_new"] else "Elle était déjà en pause"
    click.echo(f"{done['address']} : {told}. La tâche est sur la page Pilotage › Adresses.")

"""`territoire letter …`: the monthly letters to the communes: list, read, send."""

from __future__ import annotations

import json

import click

from ckanext.territoire.cli.calls import call

of_month = click.option(
    "--month", default="", metavar="AAAA-MM", help="Le mois ; sinon celui du moment."
)
as_json = click.option(
    "--json", "is_json", is_flag=True, help="Réponse en JSON, pour un programme."
)


@click.group("letter")
def letter() -> None:
    """La lettre du mois des communes : voir, relire, envoyer."""


@letter.command("list")
@of_month
@as_json
def list_(month: str, is_json: bool) -> None:
    """Les lettres d’un mois, une ligne par commune qui en a une.

    Exemple : deployment/territoire letter list --month 2026-10
    """
    shown = call("territoire_letter_list", month=month)
    if is_json:
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    for each in shown["communes"]:
        if not each["is_silent"]:
            first = each["tasks"][0] if each["tasks"] else "rien à faire"
            click.echo(f"{each['name']} : {first}")
    if all(each["is_silent"] for each in shown["communes"]):
        click.echo("Aucune lettre : rien n’a changé, et rien n’est à faire.")


@letter.command("preview")
@click.argument("commune")
@of_month
def preview(commune: str, month: str) -> None:
    """Relire la lettre d’une commune (nom ou code INSEE), telle qu’elle partira ou est partie.

    Exemple : deployment/territoire letter preview Acigné
    """
    shown = call("territoire_letter_show", commune=commune, month=month)
    click.echo(f"Objet : {shown['subject']}\n")
    click.echo(shown["text"])
    if shown["is_silent"]:
        click.echo("Cette lettre ne part pas : rien n’a changé, et rien n’est à faire.")


@letter.command("send")
@of_month
def send(month: str) -> None:
    """Envoyer maintenant les lettres d’un mois fini à ceux qui ne l’ont pas reçue.

    La plateforme le fait le premier jour ouvré du mois. Personne ne reçoit deux fois la même.

    Exemple : deployment/territoire letter send --month 2026-10
    """
    from ckanext.territoire.harvest_adapter.jobs import utc_now
    from ckanext.territoire.links import mail
    from ckanext.territoire.notices.month import month_of, read_month
    from ckanext.territoire.notices.month_send import send_month
    from harvesters.errors import sentence
    from harvesters.model import Issue

    now = utc_now()
    wanted = read_month(month) if month else month_of(now.date()).before
    if wanted is None:
        raise click.ClickException(sentence(Issue("TER-PUB-160", found=month)))
    if wanted.end > now:
        raise click.ClickException(sentence(Issue("TER-PUB-161", found=wanted.of)))
    if not mail.is_configured():
        raise click.ClickException(sentence(Issue("TER-CFG-130")))
    sent = send_month(wanted, now)
    click.echo(f"{sent} lettre{'s' if sent > 1 else ''} envoyée{'s' if sent > 1 else ''}.")

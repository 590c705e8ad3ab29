"""The letter that carries an answer to who asked for it, and how it leaves: once, then the address
is erased."""

from __future__ import annotations

from urllib.parse import quote

from ckan.plugins import toolkit

from ckanext.territoire import config
from ckanext.territoire.flags import store
from ckanext.territoire.flags.model import Flag, FlagState
from ckanext.territoire.links import later, mail
from ckanext.territoire.links.facts import place_of, site_title, theme_of
from ckanext.territoire.links.letter import Letter, Way
from ckanext.territoire.portal.typography import day

SAID = {
    FlagState.FIXED: "La ligne est corrigée.",
    FlagState.ANSWERED: "La ligne n’a pas changé.",
    FlagState.REFUSED: "La ligne n’a pas été changée.",
}


def to_letter(flag: Flag, site: str, place: str, theme: str) -> Letter:
    """Write the answer of a commune."""
    return Letter(
        f"{site} : réponse à votre signalement",
        (
            "Bonjour,",
            f"Le {day(flag.made_at)}, vous avez signalé une erreur : {flag.label} ({theme}).",
            f"{place} vous répond : « {flag.answer} »",
            SAID[flag.state],
            Way("Voir la ligne et la réponse", address_of(flag)),
            "Votre adresse électronique a servi à cette réponse ; elle vient d’être effacée.",
        ),
    )


def address_of(flag: Flag) -> str:
    """The page of the row, where the answer stands."""
    site = str(toolkit.config["ckan.site_url"]).rstrip("/")
    return f"{site}/ligne/{flag.slug}?cle={quote(flag.row_key, safe='')}"


def send_later() -> None:
    """Leave the letters to the job worker; without Redis they leave now."""
    later.leave(send_answers, "réponses aux signalements")


def send_answers() -> int:
    """Send the answers that have not left, and erase the addresses that have served or are old;
    answer how many letters have left."""
    sent = 0
    for flag in store.to_mail():
        letter = to_letter(flag, site_title(), place_of(flag.org_id), theme_of(flag.slug))
        issue = mail.send(flag.email, letter)
        if issue is None or issue.code not in later.WAITS:
            store.forget_email(flag.id)
            sent += issue is None
    store.forget_emails(config.flag_email_days())
    return sent

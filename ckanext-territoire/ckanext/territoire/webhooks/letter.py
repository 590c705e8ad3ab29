"""The mail to the owner of a webhook that was paused after days of failures, or stopped."""

from __future__ import annotations

import logging

from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire.links import mail
from ckanext.territoire.links.letter import Letter, Way
from ckanext.territoire.webhooks import store
from ckanext.territoire.webhooks.model import State, Webhook

log = logging.getLogger(__name__)
FINAL = (mail.DEAD, mail.PAUSED, "TER-CFG-131")


def tell_owners() -> int:
    """Tell the owners who were not told yet; answer how many were. A mail that cannot leave now is
    tried again at the next round."""
    told = 0
    for webhook in store.untold() if mail.is_configured() else []:
        user = model.User.get(webhook.user_id)
        issue = mail.send(user.email, to_letter(webhook)) if user and user.email else None
        if issue and issue.code not in FINAL:
            log.warning("the owner of a webhook could not be told: %s", issue.code)
            break
        store.set_told(webhook.id)
        told += issue is None
    return told


def to_letter(webhook: Webhook) -> Letter:
    """What the owner is told."""
    site, is_over = str(toolkit.config["ckan.site_title"]), webhook.state is State.STOPPED
    why = (
        "Cette adresse a répondu 410 : elle ne veut plus rien recevoir, et ne recevra plus rien."
        if is_over
        else "Cette adresse n’a accepté aucun de nos envois depuis plus de trois jours. Nous avons"
        " arrêté d’essayer."
    )
    address = str(toolkit.config["ckan.site_url"]).rstrip("/")
    page = f"{address}/developpeurs/abonnements/{webhook.id}"
    return Letter(
        subject=f"{site} : un abonnement est {'arrêté' if is_over else 'en pause'}",
        blocks=(
            "Bonjour,",
            f"Vous avez abonné l’adresse {webhook.wish.url} aux changements de {site}.",
            why,
            "Rien n’est perdu : les changements reprendront là où ils se sont arrêtés.",
            Way("Voir les derniers essais et reprendre", page),
        ),
    )

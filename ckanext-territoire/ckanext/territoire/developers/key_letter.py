"""The letter that answers who has asked for a larger quota."""

from __future__ import annotations

from ckan.plugins import toolkit

from ckanext.territoire.developers.keys import Key
from ckanext.territoire.links import mail
from ckanext.territoire.links.facts import email_of, site_title
from ckanext.territoire.links.letter import Letter, Way
from ckanext.territoire.portal.typography import count
from harvesters.model import Issue


def send_answer(key: Key, per_minute: int, remark: str) -> Issue | None:
    """Tell the owner of a key its quota; `None` when the letter has left, else why it has not."""
    return mail.send(email_of(key.user_id), to_letter(key.name, per_minute, remark))


def to_letter(name: str, per_minute: int, remark: str) -> Letter:
    """Write the answer."""
    calls = count(per_minute, "appel") if per_minute > 0 else "autant d’appels que vous voulez"
    said = f"Votre clé « {name} » peut maintenant faire {calls} par minute."
    address = toolkit.url_for("territoire_developers.quotas", _external=True)
    blocks = ("Bonjour,", said, *((f"« {remark} »",) if remark else ()))
    subject = f"{site_title()} : le quota de votre clé « {name} »"
    return Letter(subject, (*blocks, Way("Voir mes quotas", address)))

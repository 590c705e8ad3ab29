"""An account that somebody makes alone, by a link sent to their address.

Nothing is kept before the link is opened: the address and the end stand in the link itself, which
is signed. A link makes one account: opened again, the account is there already. Whether an address
has an account is said to its owner alone, by mail.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from ckan.types import Context

from ckanext.territoire import config
from ckanext.territoire.links import mail
from ckanext.territoire.links.facts import site_title
from ckanext.territoire.links.letter import Letter, Way
from ckanext.territoire.links.token import sign, unsign
from harvesters.model import Issue

PURPOSE = "registration"
LASTS = timedelta(days=1)
MAX_ADDRESS = 200
NAME = "compte"  # before a number drawn: nobody has to think of a name that is free
IGNORED = (
    "Si vous n’avez rien demandé, ne faites rien : aucun compte n’est créé, et votre adresse n’est"
    " pas gardée."
)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The address that a link was sent to."""

    email: str


def is_open() -> bool:
    """Say whether accounts can be made: the operator lets it be, and mail leaves."""
    return config.registration() and mail.is_configured()


def invite(email: str, now: datetime) -> Issue | None:
    """Send the link that makes the account of an address, or says that it has one; `None` when
    the letter has left."""
    letter = known_letter() if account_of(email) else new_letter(address_of(email, now))
    return mail.send(email, letter)


def address_of(email: str, now: datetime) -> str:
    """The address that makes the account."""
    ends = int((now + LASTS).timestamp())
    token = sign(json.dumps([email, ends]).encode(), PURPOSE, _secret())
    return str(toolkit.url_for("territoire_registration.confirm", token=token, _external=True))


def read_token(token: str, now: datetime) -> Confirmed | None:
    """Read whose address a link confirms; `None` when it is none of ours, or has ended."""
    told = unsign(token, PURPOSE, _secret())
    email, ends = json.loads(told) if told is not None else ("", 0)
    return Confirmed(email) if email and now.timestamp() < ends else None


def account_of(email: str) -> Any:
    """The account of an address, `None` when it has none."""
    found = model.User.by_email(email)
    return found if found is not None and found.state == "active" else None


def make_account(confirmed: Confirmed, full_name: str, password: str) -> Any:
    """Make the account; a password or a name that is refused is a `ValidationError`."""
    site_user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    made = toolkit.get_action("user_create")(
        Context(user=site_user["name"], ignore_auth=True),
        {
            "name": f"{NAME}-{secrets.token_hex(4)}",
            "email": confirmed.email,
            "fullname": " ".join(full_name.split()),
            "password": password,
        },
    )
    return model.User.get(made["id"])


def new_letter(address: str) -> Letter:
    """Ask to confirm an address."""
    site = site_title()
    return Letter(
        f"{site} : confirmez votre adresse",
        (
            "Bonjour,",
            f"Vous avez demandé un compte sur {site}. Il reste à choisir un mot de passe.",
            Way("Créer mon compte", address),
            "Ce lien sert pendant une journée, une seule fois.",
            IGNORED,
        ),
    )


def known_letter() -> Letter:
    """Say to who has an account that they have one."""
    site = site_title()
    return Letter(
        f"{site} : vous avez déjà un compte",
        (
            "Bonjour,",
            f"Vous avez demandé un compte sur {site}. Cette adresse en a déjà un.",
            Way("Se connecter", str(toolkit.url_for("user.login", _external=True))),
            Way("Choisir un autre mot de passe",
                str(toolkit.url_for("user.request_reset", _external=True))),
            "Si vous n’avez rien demandé, ne faites rien : rien n’est changé.",
        ),
    )  # fmt: skip


def _secret() -> str:
    return str(toolkit.config["SECRET_KEY"])

"""The journal for those who administer, and what the site keeps on each visitor and account."""

from __future__ import annotations

import json
from typing import Any

from ckan import model
from ckan.common import current_user
from ckan.plugins import toolkit
from flask import Blueprint, Response, request

from ckanext.territoire import config
from ckanext.territoire.community import store as contributions
from ckanext.territoire.community.post import own_address
from ckanext.territoire.community.words import KINDS, STATES
from ckanext.territoire.developers.uses import columns_of_key
from ckanext.territoire.portal.deposits import ask_login
from ckanext.territoire.portal.spreadsheet import to_csv

journal_pages = Blueprint("territoire_acts", __name__, url_prefix="/pilotage")
journal_pages.before_request(ask_login)
account_pages = Blueprint("territoire_account", __name__)
HEADERS = ("date", "personne", "acte", "objet", "producteur")
PAGE = 100
FILE_LINES = 1000
PRIVATE = {"Cache-Control": "private, no-store"}


@journal_pages.route("/journal")
def index() -> str:
    """Who did what, newest first."""
    before = request.args.get("avant", "")
    lines = _journal(before=before, limit=PAGE + 1)
    shown = lines[:PAGE]
    return toolkit.render("territoire/journal.html", {
        "lines": shown,
        "next": shown[-1]["id"] if len(lines) > PAGE else None,
        "is_first": not before,
        "days": config.journal_days(),
    })  # fmt: skip


@journal_pages.route("/journal.csv")
def file() -> Response:
    """The last thousand lines as a file; formulas are defused."""
    lines = _journal(limit=FILE_LINES)
    rows = [[e["at"], e["person"], e["says"], e["title"], e["organization"]] for e in lines]
    answer = Response(to_csv(HEADERS, rows), mimetype="text/csv", headers=PRIVATE)
    answer.headers["Content-Disposition"] = 'attachment; filename="journal.csv"'
    return answer


def _journal(**wanted: Any) -> list[dict[str, Any]]:
    try:
        return list(toolkit.get_action("territoire_journal_list")({"user": toolkit.g.user}, wanted))
    except toolkit.NotAuthorized:
        toolkit.abort(403, "Le journal est réservé à ceux qui administrent une organisation.")


@account_pages.route("/vos-donnees")
def yours() -> str:
    """Say what is kept about whom, why and how long; to an account, what is kept about it."""
    return toolkit.render("territoire/your_data.html", {
        "kept": _kept() if current_user.is_authenticated else None,
        "journal_days": config.journal_days(),
        "idle_months": config.idle_months(),
        "use_days": config.key_use_days(),
        "flag_days": config.flag_email_days(),
        "webhook_days": config.webhook_log_days(),
    })  # fmt: skip


@account_pages.route("/vos-donnees.json")
def yours_file() -> Response:
    """All that is kept about the account that asks, as a file."""
    if not current_user.is_authenticated:
        toolkit.abort(403, "Connectez-vous pour lire ce qui est gardé sur votre compte.")
    text = json.dumps(_kept(), ensure_ascii=False, indent=2)
    answer = Response(text, mimetype="application/json", headers=PRIVATE)
    answer.headers["Content-Disposition"] = 'attachment; filename="vos-donnees.json"'
    return answer


def _kept() -> dict[str, Any]:
    """What the site keeps about the account at work; no secret, not even a hash."""
    user = model.User.get(current_user.id)
    assert user is not None
    context: Any = {"user": user.name}
    roles = toolkit.get_action("organization_list_for_user")(context, {"permission": "read"})
    tokens = toolkit.get_action("api_token_list")(context, {"user_id": user.id})
    acts = toolkit.get_action("territoire_journal_list")(context, {"mine": True, "limit": 1000})
    return {
        "compte": {
            "identifiant": user.name,
            "nom": user.fullname or "",
            "courriel": user.email or "",
            "presentation": user.about or "",
            "cree_le": user.created.isoformat() if user.created else "",
            "derniere_visite": user.last_active.isoformat() if user.last_active else "",
        },
        "roles": [
            {"organisation": each["title"], "role": each.get("capacity", "")} for each in roles
        ],
        "jetons": [
            {
                "nom": each["name"],
                "cree_le": each["created_at"],
                "dernier_usage": each["last_access"],
                "fin": each["expires_at"],
            }
            for each in tokens
        ],
        "contributions": _contributions(user.id),
        "abonnements": [
            {"adresse": each["url"], "suit": each["title"], "depuis": each["made_at"]}
            for each in toolkit.get_action("territoire_webhook_list")(context, {})
        ],
        "cles": _keys(context),
        "actes": [
            {"date": each["at"], "acte": each["says"], "objet": each["title"]} for each in acts
        ],
    }


def _contributions(user_id: str) -> list[dict[str, str]]:
    """What an account has written to those who publish."""
    return [
        {
            "genre": KINDS[each.kind],
            "titre": each.title,
            "texte": each.body,
            "nom_montre": each.author,
            "adresse": each.url,
            "courriel": each.email,
            "etat": STATES[each.state].label,
            "ecrite_le": each.made_at.isoformat(),
            "page": own_address(each.id),
        }
        for each in contributions.of_user(user_id)
    ]


def _keys(context: Any) -> list[dict[str, Any]]:
    """The keys of an account, and what was called with them."""
    return [
        {
            "nom": each["name"],
            "cree_le": each["made_at"],
            "fin": each["expires_at"],
            "dernier_appel": each["used_at"],
            "quota_par_minute": each["per_minute"],
            "demande": each["wish"],
            "appels": {day["day"]: day["calls"] for day in each["calls"] if day["calls"]},
            "colonnes_lues": columns_of_key(each["id"]),
        }
        for each in toolkit.get_action("territoire_key_list")(context, {})
    ]

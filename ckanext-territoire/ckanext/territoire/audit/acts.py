"""Which actions the journal keeps, in what words, and on what each of them acts.

All our actions that change something are kept, those without words of their own under their name;
of CKAN's and ckanext-harvest's, those that a person does on data, accounts, rights and sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

MAX_TITLE = 200

WORDS = {
    "package_create": "a créé le jeu de données",
    "package_update": "a modifié le jeu de données",
    "package_patch": "a modifié le jeu de données",
    "package_revise": "a modifié le jeu de données",
    "package_delete": "a supprimé le jeu de données",
    "package_owner_org_update": "a changé le producteur du jeu de données",
    "dataset_purge": "a effacé pour toujours le jeu de données",
    "resource_create": "a ajouté un fichier à",
    "resource_update": "a modifié un fichier de",
    "resource_patch": "a modifié un fichier de",
    "resource_delete": "a supprimé un fichier de",
    "organization_create": "a créé l’organisation",
    "organization_update": "a modifié l’organisation",
    "organization_patch": "a modifié l’organisation",
    "organization_delete": "a supprimé l’organisation",
    "organization_purge": "a effacé pour toujours l’organisation",
    "organization_member_create": "a donné un rôle dans",
    "organization_member_delete": "a retiré un rôle dans",
    "member_create": "a donné un rôle dans",
    "member_delete": "a retiré un rôle dans",
    "user_create": "a créé le compte",
    "user_invite": "a invité",
    "user_update": "a modifié le compte",
    "user_patch": "a modifié le compte",
    "user_delete": "a fermé le compte",
    "api_token_create": "a créé un jeton d’accès pour",
    "api_token_revoke": "a annulé un jeton d’accès",
    "config_option_update": "a changé les réglages du site",
    "harvest_source_create": "a ajouté la source",
    "harvest_source_update": "a modifié la source",
    "harvest_source_patch": "a modifié la source",
    "harvest_source_delete": "a retiré la source",
    "harvest_source_clear": "a vidé la source",
    "harvest_job_create": "a lancé une moisson",
    "harvest_job_abort": "a arrêté une moisson",
    "territoire_source_create": "a ajouté la source",
    "territoire_source_update": "a modifié la source",
    "territoire_source_remove": "a retiré la source",
    "territoire_source_run": "a lancé une moisson de",
    "territoire_source_decide": "a tranché une moisson retenue de",
    "territoire_run_rollback": "est revenu en arrière sur une moisson",
    "territoire_delivery_create": "a déposé un fichier",
    "territoire_delivery_publish": "a publié un dépôt",
    "territoire_delivery_undo": "a annulé un dépôt",
    "territoire_delivery_decide": "a tranché un dépôt retenu",
    "territoire_privacy_decide": "a décidé de données personnelles",
    "territoire_link_create": "a créé un lien",
    "territoire_link_revoke": "a annulé un lien",
    "territoire_key_create": "a créé la clé d’API",
    "territoire_key_revoke": "a annulé la clé d’API",
    "territoire_key_ask": "a demandé un plus grand quota pour la clé d’API",
    "territoire_key_answer": "a changé le quota de la clé d’API",
    "territoire_announcement_create": "a annoncé un changement\u00a0:",
    "territoire_announcement_withdraw": "a retiré l’annonce\u00a0:",
    "territoire_version_hide": "a retiré un ancien fichier de",
    "territoire_file_erase": "a effacé du disque un ancien fichier de",
    "territoire_identity_update": "a publié l’identité du portail",
    "territoire_identity_restore": "a rétabli l’identité du portail",
    "territoire_webhook_create": "a abonné une adresse à",
    "territoire_webhook_verify": "a vérifié une adresse abonnée à",
    "territoire_webhook_pause": "a mis en pause un abonnement à",
    "territoire_webhook_resume": "a repris un abonnement à",
    "territoire_webhook_rotate": "a changé le secret d’un abonnement à",
    "territoire_webhook_resend": "a redemandé un envoi d’un abonnement à",
    "territoire_webhook_delete": "a supprimé un abonnement",
    "territoire_flag_create": "a signalé une erreur",
    "territoire_flag_answer": "a répondu à un signalement",
    "territoire_flag_reopen": "a retiré une réponse à un signalement",
    "territoire_reuse_create": "a proposé la réutilisation",
    "territoire_reuse_update": "a modifié la réutilisation",
    "territoire_question_create": "a posé la question",
    "territoire_contribution_decide": "a décidé de la contribution",
    "territoire_contribution_undo": "a annulé une décision sur la contribution",
    "territoire_contribution_withdraw": "a retiré sa contribution",
    "territoire_challenge_create": "a écrit le défi",
    "territoire_challenge_update": "a modifié le défi",
    "territoire_challenge_move": "a publié ou retiré le défi",
    "territoire_attempt_create": "a relevé un défi\u00a0:",
}
# where the thing that was acted on is told: in the answer, else in what was asked
KEYS = ("package_id", "source_id", "id", "name", "user", "username")
TITLES = ("title", "display_name", "fullname", "name", "headline")


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody did. `org_id` is "" where none is told."""

    action: str
    subject: str
    title: str
    org_id: str


def to_act(action: str, asked: object, answered: object) -> Act:
    """Read on what an action acted, without any value that was changed."""
    told, given = _dict(answered), _dict(asked)
    subject = _first(told, KEYS) or _first(given, KEYS)
    title = _first(told, TITLES) or _first(given, TITLES) or subject
    org_id = _first(told, ("owner_org", "organization_id")) or _first(given, ("owner_org",))
    if action.startswith(("organization_", "member_")):
        org_id = str(given.get("id") or told.get("id") or "")
        subject, title = org_id, title if action.startswith("organization_") else org_id
    return Act(action, subject[:MAX_TITLE], " ".join(title.split())[:MAX_TITLE], org_id[:MAX_TITLE])


def is_kept(action: str) -> bool:
    """Say whether an action belongs in the journal."""
    return action in WORDS or action in _our_changes()


def say(action: str) -> str:
    """Say in French what an action did."""
    return WORDS.get(action) or f"a fait «\u00a0{action.removeprefix('territoire_')}\u00a0» sur"


@lru_cache(1)
def _our_changes() -> frozenset[str]:
    from ckanext.territoire import logic

    return frozenset(
        name for name, act in logic.actions().items()
        if name.startswith("territoire_") and not getattr(act, "side_effect_free", False)
    )  # fmt: skip


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _first(values: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(values[n]) for n in names if isinstance(values.get(n), str) and values[n]), "")

"""What is old is erased, once a day: lines of the journal, accounts that nobody uses,
contributions that nobody confirmed (`community/`), runs of harvests and what may no longer be
undone of them, files that nothing refers to (`old_files`).

The owner of an account is told by mail a month before it closes; one visit keeps it. An account
without an address is closed without a letter. Administrators of the site are never closed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import sqlalchemy as sa
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.plugins import toolkit
from ckan.types import Context
from redis.exceptions import RedisError

from ckanext.territoire import config
from ckanext.territoire.audit.journal import forget
from ckanext.territoire.community.link_check import house_later
from ckanext.territoire.developers.calls_store import forget_calls
from ckanext.territoire.harvest_adapter import jobs, versions
from ckanext.territoire.links import mail
from ckanext.territoire.links.letter import Letter, Way
from ckanext.territoire.redis_names import redis_key
from ckanext.territoire.security.old_files import erase_unused
from ckanext.territoire.security.tokens import forget_expired

log = logging.getLogger(__name__)
DAY_S = 20 * 3600
NOTICE_DAYS = 30
IDLE = """
    u.state = 'active' AND NOT u.sysadmin AND u.name <> :site
    AND coalesce(u.last_active, u.created)
        < timezone('utc', now()) - make_interval(months => :months)
"""
TO_WARN = sa.text(f"""
    INSERT INTO territoire_idle_account (user_id)
    SELECT u.id FROM "user" u WHERE {IDLE}
    ON CONFLICT DO NOTHING RETURNING user_id
""")
BACK = sa.text(f"""
    DELETE FROM territoire_idle_account w USING "user" u WHERE u.id = w.user_id AND NOT ({IDLE})
""")
TO_CLOSE = sa.text(f"""
    SELECT u.name FROM "user" u JOIN territoire_idle_account w ON w.user_id = u.id
     WHERE {IDLE} AND w.warned_at < timezone('utc', now()) - make_interval(days => :notice)
""")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a pass did: lines erased, owners told, accounts closed, files erased."""

    lines: int
    warned: int
    closed: int
    files: int = 0


def keep_house() -> None:
    """Do it when it was not done today; asked as often as one likes."""
    try:
        is_due = connect_to_redis().set(redis_key("retention"), 1, nx=True, ex=DAY_S)
    except (RedisError, OSError):
        return
    if is_due:
        done = erase_old()
        house_later()
        if done != Kept(0, 0, 0):
            log.info("%s", done)


def erase_old() -> Kept:
    """Erase and close what is due; tell whose account will close. Commits."""
    lines = forget(config.journal_days())
    forget_expired(NOTICE_DAYS)
    forget_calls(config.key_use_days())
    jobs.forget_old_runs()
    versions.forget_old(config.undo_days(), config.undo_runs())
    values = {"months": config.idle_months(), "site": toolkit.config["ckan.site_id"]}
    early = values | {"months": config.idle_months() - 1}  # told a month before
    model.Session.execute(BACK, early)
    closing = list(model.Session.execute(TO_CLOSE, values | {"notice": NOTICE_DAYS}).scalars())
    told = list(model.Session.execute(TO_WARN, early).scalars())
    model.Session.commit()
    for user_id in told:
        _warn(user_id)
    for name in closing:
        _close(name)
    return Kept(lines, len(told), len(closing), erase_unused())


def _warn(user_id: str) -> None:
    user = model.User.get(user_id)
    if user and user.email:
        issue = mail.send(user.email, letter_of(user.name))
        if issue:
            log.warning("an owner of an idle account could not be told: %s", issue.code)


def letter_of(name: str) -> Letter:
    """What the owner of an account that will close is told."""
    site = toolkit.config["ckan.site_title"]
    return Letter(
        subject=f"Votre compte sur {site} va être fermé",
        blocks=(
            "Bonjour,",
            f"Votre compte «\u00a0{name}\u00a0» sur {site} n’a pas servi depuis longtemps. Il sera"
            f" fermé dans {NOTICE_DAYS} jours. Pour le garder, connectez-vous une fois.",
            Way("Se connecter", toolkit.url_for("user.login", _external=True)),
            "S’il ne vous sert plus, vous n’avez rien à faire.",
        ),
    )


def _close(name: str) -> None:
    site_user = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    context = Context(user=site_user["name"], ignore_auth=True)
    toolkit.get_action("user_delete")(context, {"id": name})
    log.warning("an account that nobody used is closed")

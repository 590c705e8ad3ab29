"""Write down the acts of a request when its answer leaves, in one statement.

An action calls others: of those that act on one thing, the last to end, which is the one that was
asked for, is kept. What runs by itself (harvests, commands of the operator) has its own reports
and is not written here. The journal never makes an act fail: what it cannot keep is logged.
"""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa
from ckan import model
from ckan.common import current_user
from ckan.types import Response
from flask import Blueprint, g, has_request_context

from ckanext.territoire.audit.acts import Act, is_kept, to_act

log = logging.getLogger(__name__)
journal = Blueprint("territoire_journal", __name__)
ADD = sa.text("""
    INSERT INTO territoire_act (user_id, action, subject, title, org_id)
    SELECT :user, action, subject, title, org_id
      FROM unnest(cast(:actions AS text[]), cast(:subjects AS text[]), cast(:titles AS text[]),
                  cast(:orgs AS text[])) AS a (action, subject, title, org_id)
""")
FORGET = sa.text("""
    DELETE FROM territoire_act WHERE at < timezone('utc', now()) - make_interval(days => :days)
""")


def note(action: str, **told: Any) -> None:
    """Remember that an action succeeded, when a signed-in person asked for it."""
    if not has_request_context() or not is_kept(action):
        return
    if not getattr(current_user, "is_authenticated", False):
        return
    acts: dict[str, Act] = g.setdefault("territoire_acts", {})
    act = to_act(action, told.get("data_dict"), told.get("result"))
    acts.pop(act.subject, None)
    acts[act.subject] = act


@journal.after_app_request
def keep(response: Response) -> Response:
    """Write what was done; an answer that tells of a failure has done nothing."""
    acts = list(g.pop("territoire_acts", {}).values())
    if acts and response.status_code < 400:
        try:
            write(current_user.id, acts)
        except sa.exc.SQLAlchemyError as fault:
            log.error("%s acts are not in the journal: %s", len(acts), type(fault).__name__)
    return response


def forget(days: int) -> int:
    """Erase what is older; answer how many lines."""
    with model.meta.engine.begin() as connection:
        return int(connection.execute(FORGET, {"days": days}).rowcount)


def write(user_id: str, acts: list[Act]) -> None:
    """Write what an account did. Commits."""
    values = {
        "user": user_id,
        "actions": [act.action for act in acts],
        "subjects": [act.subject for act in acts],
        "titles": [act.title for act in acts],
        "orgs": [act.org_id for act in acts],
    }
    with model.meta.engine.begin() as connection:
        connection.execute(ADD, values)

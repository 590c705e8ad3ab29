"""What people send to the demo territory: reuses, questions, a challenge, flags, and their answers.

All goes through the actions that the pages call, as the site's own user; then it is dated back, so
that the territory looks lived in. What is there already, by its title, is left as it is.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire.cli.calls import call, site_user_context
from ckanext.territoire.cli.demo_uses import count_uses
from ckanext.territoire.community import challenge_store, store
from ckanext.territoire.community.model import Kind
from ckanext.territoire.delivery.database import read, transaction
from ckanext.territoire.flags import store as flags
from ckanext.territoire.harvest_adapter.hosts import way_out
from ckanext.territoire.services.public_tables import public_tables
from harvesters.fetch import Limits
from harvesters.model import Request, Response, Role

Told = dict[str, Any]
LIMITS = Limits({Role.FILE: 1_000_000}, connect_s=5, read_s=10, total_s=15, run_s=60, tries=2)
DATED = sa.text("""
    UPDATE territoire_contribution SET made_at = made_at - make_interval(days => :days),
           changed_at = changed_at - make_interval(days => :days),
           decided_at = decided_at - make_interval(days => :days)
     WHERE id = cast(:id AS uuid)
""")
FLAG_DATED = """
    UPDATE territoire.flag SET made_at = made_at - make_interval(days => %(days)s),
           answered_at = answered_at - make_interval(days => %(days)s - 1) WHERE id::text = %(id)s
"""


def tell_community(path: Path, root: str) -> int:
    """Add what the file says that is not there yet; answer how many things were added. `root` is
    the address of the demo server, which has the pages and pictures of the reuses."""
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    user: Any = model.User.get(site_user_context()["user"])
    known = {(each.kind, each.title) for each in store.of_user(user.id)}
    added = 0
    for each in told["reuses"]:
        if (Kind.REUSE, each["title"]) not in known:
            added += _reuse(each, f"{root}/reutilisations/{each['slug']}")
    for each in told["questions"]:
        if (Kind.QUESTION, each["title"]) not in known:
            added += _question(each)
    added += sum(_challenge(each) for each in told["challenges"])
    added += sum(_announcement(each) for each in told["announcements"])
    added += sum(_flag(each) for each in told["flags"])
    count_uses(sorted(public_tables()))
    return added


def _reuse(told: Told, url: str) -> int:
    names = ("title", "body", "author", "type", "theme", "datasets", "alt")
    data: Told = {name: told[name] for name in names} | {"url": url}
    picture = _picture(f"{url}.png")
    data |= {"picture": picture} if picture else {"alt": ""}
    made = call("territoire_reuse_create", **data)
    _decide(made["id"], told)
    return 1


def _question(told: Told) -> int:
    data = {name: told[name] for name in ("title", "body", "author", "dataset")}
    if data["dataset"] not in public_tables():
        return 0
    _decide(call("territoire_question_create", **data)["id"], told)
    return 1


def _decide(contribution_id: str, told: Told) -> None:
    if told.get("state"):
        answer = told.get("answer", "")
        call("territoire_contribution_decide", id=contribution_id, state=told["state"],
             answer=answer)  # fmt: skip
    with model.meta.engine.begin() as connection:
        connection.execute(DATED, {"id": contribution_id, "days": told["days"]})


def _challenge(told: Told) -> int:
    if any(e.challenge.title == told["title"] for e in challenge_store.of_organizations(None)):
        return 0
    owner = call("territoire_commune_show", id=told["organization"])["slug"]
    until = (datetime.now(UTC) + timedelta(days=told["lasts_days"])).date().isoformat()
    names = ("title", "body", "contact", "prize", "datasets")
    made = call("territoire_challenge_create", organization=owner, until=until,
                **{name: told[name] for name in names})  # fmt: skip
    call("territoire_challenge_move", id=made["id"], state="open")
    taken_up = call("territoire_attempt_create", challenge=made["id"], **told["attempt"])
    call("territoire_contribution_decide", id=taken_up["id"], state="accepted")
    return 1


def _announcement(told: Told) -> int:
    names = ("kind", "table", "column", "effect", "why", "becomes")
    data = {name: told[name] for name in names}
    data["at"] = (datetime.now(UTC) + timedelta(days=told["in_days"])).date().isoformat()
    try:
        toolkit.get_action("territoire_announcement_create")(site_user_context(), data)
    except toolkit.ValidationError:  # it is announced already
        return 0
    return 1


def _flag(told: Told) -> int:
    table = public_tables().get(told["table"])
    if table is None:
        return 0
    found = read(
        f"SELECT _key FROM {table.table} WHERE territoire_doublon IS NULL"
        " AND (%(insee)s = '' OR territoire_commune = %(insee)s) ORDER BY _key LIMIT 1",
        {"insee": told.get("insee", "")},
    )
    if not found or flags.of_row(told["table"], found[0]["_key"]):
        return 0
    names = ("kind", "field", "proposed", "remark")
    made = call("territoire_flag_create", schema=told["table"], key=found[0]["_key"],
                **{name: told.get(name, "") for name in names})  # fmt: skip
    if told.get("state"):
        call("territoire_flag_answer", id=made["id"], state=told["state"], answer=told["answer"],
             is_text_shown=True)  # fmt: skip
    with transaction() as cursor:
        cursor.execute(FLAG_DATED, {"id": made["id"], "days": told["days"]})
    return 1


def _picture(url: str) -> io.BytesIO | None:
    """The picture of a reuse, from the demo server; none when it does not answer."""
    fetcher = way_out(LIMITS)
    try:
        answer = fetcher.fetch(Request(url, role=Role.FILE))
    finally:
        fetcher.close()
    return io.BytesIO(answer.body) if isinstance(answer, Response) else None

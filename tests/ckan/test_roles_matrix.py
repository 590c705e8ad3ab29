"""Who may do what, for real: eight people × four organisations × every act of a publisher.

An officer (admin) of the EPCI does everything in its communes and partners; any other role stays in
its own organisation. All acts are tried once, on one territory, and compared with the rule.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit

from ckanext.territoire import minute
from tests.ckan.conftest import act
from tests.ckan.contribution_rows import CHALLENGE

ORGANIZATIONS = ("epci", "acigne", "betton", "partner")
# person: the organisation that gives the role, and the role
PEOPLE = {
    "administrator": ("", "sysadmin"),
    "epci-admin": ("epci", "admin"),
    "epci-editor": ("epci", "editor"),
    "acigne-admin": ("acigne", "admin"),
    "acigne-editor": ("acigne", "editor"),
    "acigne-member": ("acigne", "member"),
    "betton-editor": ("betton", "editor"),
    "": ("", "anonymous"),
}
READ = {"member", "editor", "admin"}
EDIT = {"editor", "admin"}
ADMIN = {"admin"}
# these would take the territory apart under the next question
ASKED_ONLY = {"organization_delete", "member_create"}
number = itertools.count(1)


def dataset(organization: str, **more: Any) -> dict[str, Any]:
    name = f"{organization}-{next(number)}"
    given = {"name": name, "title": name, "owner_org": organization, "license_id": "lov2", **more}
    return dict(act("package_create", **given))


def source(organization: str, prefix: str = "source") -> dict[str, Any]:
    name = f"{prefix}-{organization}-{next(number)}"
    return {
        "name": name,
        "title": name,
        "url": f"https://{name}.example",
        "source_type": "ckan_portal",
        "owner_org": organization,
    }


def stored_source(organization: str) -> dict[str, Any]:
    return dict(act("harvest_source_create", **source(organization)))


def new_dataset(organization: str) -> dict[str, Any]:
    name = f"nouveau-{organization}-{next(number)}"
    owner = act("organization_show", id=organization)["id"]
    return {"name": name, "title": name, "owner_org": owner, "license_id": "lov2"}


def member(organization: str) -> dict[str, Any]:
    return {"id": organization, "username": "newcomer", "role": "editor"}


def question(organization: str) -> dict[str, Any]:
    """A question on the data of an organisation that nobody has read yet."""
    asked = {"title": "Où ?", "dataset": dataset(organization)["name"]}
    return {"id": act("territoire_question_create", **asked)["id"], "state": "accepted"}


def new_challenge(organization: str) -> dict[str, Any]:
    return CHALLENGE | {"organization": organization}


def challenge(organization: str) -> dict[str, Any]:
    made = act("territoire_challenge_create", **new_challenge(organization))
    return {"id": made["id"], "state": "open"}


Prepare = Callable[[str], dict[str, Any]]
# action: what to send for an organisation, and the roles there that may
ACTS: dict[str, tuple[Prepare, set[str]]] = {
    "package_show": (lambda org: {"id": dataset(org, private=True)["id"]}, READ),
    "territoire_score_show": (lambda org: {"id": dataset(org, private=True)["id"]}, READ),
    "package_create": (new_dataset, EDIT),
    "package_patch": (lambda org: {"id": dataset(org)["id"], "notes": "Corrigé"}, EDIT),
    "package_delete": (lambda org: {"id": dataset(org)["id"]}, EDIT),
    "territoire_contribution_list": (lambda org: {"organization": org}, EDIT),
    "territoire_contribution_decide": (question, EDIT),
    "territoire_challenge_create": (new_challenge, EDIT),
    "territoire_challenge_update": (lambda org: CHALLENGE | challenge(org), EDIT),
    "territoire_challenge_move": (challenge, EDIT),
    "harvest_source_create": (source, EDIT),
    "harvest_source_patch": (lambda org: {"id": stored_source(org)["id"], "title": "T"}, EDIT),
    "harvest_source_delete": (lambda org: {"id": stored_source(org)["id"]}, EDIT),
    "organization_patch": (lambda org: {"id": org, "description": "Bienvenue"}, ADMIN),
    "organization_member_create": (member, ADMIN),
    "organization_member_delete": (lambda org: {"id": org, "username": "newcomer"}, ADMIN),
    "organization_delete": (lambda org: {"id": org}, set()),
    "member_create": (
        lambda org: {"id": org, "object": "epci", "object_type": "group", "capacity": "public"},
        set(),
    ),
}


def _person(name: str) -> None:
    act("user_create", name=name, email=f"{name}@example.org", password="motdepasse-essai")


@pytest.fixture(scope="module")
def outcomes() -> dict[tuple[str, str, str], bool]:
    """What was tried already: (action, person, organisation) to allowed."""
    return {}


@pytest.fixture
def tried(
    request: pytest.FixtureRequest, outcomes: dict[tuple[str, str, str], bool]
) -> dict[tuple[str, str, str], bool]:
    """Try everything once; later tests read the answers."""
    if not outcomes:
        request.getfixturevalue("clean")
        _make_territory()
        found: dict[tuple[str, str, str], bool] = {}
        for action, organization, person in itertools.product(ACTS, ORGANIZATIONS, PEOPLE):
            allowed = _is_allowed(action, ACTS[action][0](organization), person)
            found[action, person, organization] = allowed
        for person in PEOPLE:
            seen = _private_seen_by(person)
            for organization in ORGANIZATIONS:
                found["package_search", person, organization] = organization in seen
        outcomes.update(found)
    return outcomes


def _make_territory() -> None:
    minute.forget()
    for name in ORGANIZATIONS:
        parent = {} if name == "epci" else {"groups": [{"name": "epci", "capacity": "public"}]}
        act("organization_create", name=name, title=name, **parent)
    _person("newcomer")
    for person, (organization, role) in PEOPLE.items():
        if not person:
            continue
        _person(person)
        if role == "sysadmin":
            act("user_patch", id=person, sysadmin=True)
        else:
            act("organization_member_create", id=organization, username=person, role=role)


def _do(action: str, context: Any, data: dict[str, Any]) -> None:
    toolkit.get_action(action)(context, data)


def _is_allowed(action: str, data: dict[str, Any], person: str) -> bool:
    """Do it as this person; what is not refused was done."""
    do = toolkit.check_access if action in ASKED_ONLY else _do
    try:
        do(action, {"user": person, "ignore_auth": False}, data)
    except toolkit.NotAuthorized:
        model.Session.rollback()
        return False
    except toolkit.ValidationError as refusal:
        # CKAN says that an organisation is not one's own as a fault of the form
        model.Session.rollback()
        if set(refusal.error_dict) != {"owner_org"}:
            raise
        return False
    return True


def _private_seen_by(person: str) -> set[str]:
    """Name the organisations whose private datasets this person finds by searching."""
    user = model.User.get(person) if person else None
    context = {"user": person, "auth_user_obj": user, "ignore_auth": False}
    asked = {"q": "*:*", "rows": 1000, "include_private": True, "fq": "dataset_type:dataset"}
    found = toolkit.get_action("package_search")(context, asked)["results"]
    return {each["organization"]["name"] for each in found if each["private"]}


def may(person: str, organization: str, roles: set[str]) -> bool:
    """The rule: sysadmins always; an EPCI admin everywhere; anyone else at home."""
    home, role = PEOPLE[person]
    if role == "sysadmin":
        return True
    reaches = home == organization or (home, role) == ("epci", "admin")
    return reaches and role in roles


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person or "anonymous")
@pytest.mark.parametrize("action", [*ACTS, "package_search"])
def test_a_person_may_do_in_each_organisation_what_the_rule_says_and_no_more(
    tried: dict[tuple[str, str, str], bool], action: str, person: str
) -> None:
    roles = READ if action == "package_search" else ACTS[action][1]

    answered = {org: tried[action, person, org] for org in ORGANIZATIONS}

    assert answered == {org: may(person, org, roles) for org in ORGANIZATIONS}

"""What a stranger must not learn about people, and what an officer of a commune must not change."""

from __future__ import annotations

from typing import Any

import pytest
from ckan.plugins import toolkit

from tests.ckan.conftest import act


@pytest.fixture(autouse=True)
def commune(clean: None) -> None:
    """A commune under an EPCI, with one officer and one private dataset."""
    act("organization_create", name="epci", title="EPCI", kind="epci", siren="243500139")
    act("organization_create", name="autre", title="Autre", kind="epci")
    act(
        "organization_create",
        name="acigne",
        title="Acigné",
        kind="commune",
        insee="35001",
        population="6874",
        groups=[{"name": "epci", "capacity": "public"}],
    )
    for name in ("officer", "stranger"):
        act("user_create", name=name, email=f"{name}@example.org", password="motdepasse-essai")
    act("organization_member_create", id="acigne", username="officer", role="admin")
    act(
        "package_create",
        name="cache",
        title="Caché",
        owner_org="acigne",
        license_id="lov2",
        private=True,
    )


def call(user: str, action: str, **data: Any) -> Any:
    return toolkit.get_action(action)({"user": user, "ignore_auth": False}, data)


QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("user_list", {}),
    ("user_list", {"q": "officer"}),
    ("user_show", {"id": "officer"}),
    ("user_autocomplete", {"q": "off"}),
    ("member_list", {"id": "acigne"}),
    ("member_list", {"id": "acigne", "object_type": "user"}),
    ("member_list", {"id": "acigne", "object_type": "package"}),
    ("organization_show", {"id": "acigne", "include_users": True}),
    ("user_activity_list", {"id": "officer"}),
    ("organization_followee_list", {"id": "officer"}),
    ("package_show", {"id": "cache"}),
]


@pytest.mark.parametrize(("action", "data"), QUESTIONS)
def test_a_stranger_learns_nothing_about_people_or_private_datasets(
    action: str, data: dict[str, Any]
) -> None:
    with pytest.raises(toolkit.NotAuthorized):
        call("", action, **data)


def test_a_stranger_still_reads_the_organisation_and_its_place() -> None:
    shown = call("", "organization_show", id="acigne")

    assert [group["name"] for group in shown["groups"]] == ["epci"]
    assert not shown.get("users")
    assert call("", "member_list", id="acigne", object_type="group")[0][1] == "group"


def test_the_members_of_an_organisation_are_shown_to_its_officer_only() -> None:
    users = call("officer", "member_list", id="acigne", object_type="user")

    assert act("user_show", id="officer")["id"] in {user[0] for user in users}
    with pytest.raises(toolkit.NotAuthorized):
        call("stranger", "member_list", id="acigne", object_type="user")


@pytest.mark.parametrize(
    "changed",
    [
        {"insee": "35024"},
        {"kind": "epci"},
        {"population": "1000000"},
        {"groups": []},
        {"groups": [{"name": "autre"}]},
    ],
    ids=lambda changed: next(iter(changed)),
)
@pytest.mark.parametrize("action", ["organization_patch", "organization_update"])
def test_an_officer_of_a_commune_cannot_change_its_official_facts_or_leave_the_epci(
    action: str, changed: dict[str, Any]
) -> None:
    call("officer", action, id="acigne", name="acigne", title="Ville d’Acigné", **changed)

    shown = act("organization_show", id="acigne")
    assert shown["title"] == "Ville d’Acigné"
    assert (shown["kind"], shown["insee"], shown["population"]) == ("commune", "35001", "6874")
    assert [group["name"] for group in shown["groups"]] == ["epci"]


@pytest.mark.parametrize("action", ["member_create", "member_delete"])
def test_an_officer_of_a_commune_cannot_move_it(action: str) -> None:
    with pytest.raises(toolkit.NotAuthorized):
        call("officer", action, id="acigne", object="epci", object_type="group", capacity="public")


@pytest.mark.parametrize("user", ["", "stranger", "officer"])
@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("territoire_territory_init", {"epci": "243500139"}),
        ("territoire_territory_publish", {}),
        ("territoire_partner_add", {"title": "SMICTOM", "kind": "syndicat"}),
    ],
)
def test_the_territory_is_changed_by_the_epci_or_the_platform_only(
    action: str, data: dict[str, Any], user: str
) -> None:
    with pytest.raises(toolkit.NotAuthorized):
        call(user, action, **data)


def test_an_officer_of_the_epci_adds_a_partner_and_administers_it() -> None:
    act("organization_member_create", id="epci", username="stranger", role="admin")

    made = call("stranger", "territoire_partner_add", title="SMICTOM", kind="syndicat")

    patched = call("stranger", "organization_patch", id=made["id"], description="Déchets")
    assert patched["description"] == "Déchets"

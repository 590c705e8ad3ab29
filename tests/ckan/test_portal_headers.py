"""Security headers of answers, and former addresses of datasets."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model

from tests.ckan.conftest import act


def remember(old_name: str, dataset_id: str) -> None:
    with model.meta.engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO territoire_old_address VALUES (:old, :id)"),
            {"old": old_name, "id": dataset_id},
        )


def publish(organization: dict[str, Any], **changes: Any) -> dict[str, Any]:
    values = {"name": "arbres", "title": "Arbres", "license_id": "lov2"} | changes
    made: dict[str, Any] = act("package_create", owner_org=organization["id"], **values)
    return made


@pytest.mark.parametrize(
    "path", ["/", "/dataset/", "/user/login", "/nulle-part", "/territoire.svg"]
)
def test_every_answer_carries_the_security_headers(clean: None, app: Any, path: str) -> None:
    headers = app.get(path, status=None).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["script-src"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize("path", ["/", "/dataset/", "/user/login", "/communes"])
def test_a_public_page_has_no_script_of_its_own_in_the_page(
    clean: None, app: Any, path: str
) -> None:
    body = app.get(path).body
    assert body.count("<script") == body.count("<script src=")


def test_a_former_address_leads_to_the_dataset_for_good(
    organization: dict[str, Any], app: Any
) -> None:
    remember("vieux-arbres", publish(organization)["id"])
    answer = app.get("/dataset/vieux-arbres", status=301, follow_redirects=False)
    assert answer.headers["Location"].endswith("/dataset/arbres")


def test_a_former_address_of_a_private_dataset_stays_unknown(
    organization: dict[str, Any], app: Any
) -> None:
    remember("vieux-arbres", publish(organization, private=True)["id"])
    assert app.get("/dataset/vieux-arbres", status=404).status_code == 404


def test_a_former_address_of_a_deleted_dataset_stays_unknown(
    organization: dict[str, Any], app: Any
) -> None:
    made = publish(organization)
    remember("vieux-arbres", made["id"])
    act("package_delete", id=made["id"])
    assert app.get("/dataset/vieux-arbres", status=404).status_code == 404


def test_an_error_page_speaks_french_and_shows_a_way_out(clean: None, app: Any) -> None:
    body = app.get("/nulle-part", status=404).body
    assert "Cette page n’existe pas" in body
    assert 'href="/dataset/"' in body

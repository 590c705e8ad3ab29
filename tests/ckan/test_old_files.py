"""Files that nothing refers to any more leave the disk on their day, and not before."""

from __future__ import annotations

import os
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan.plugins import toolkit
from sqlalchemy import text

from ckanext.territoire import files
from ckanext.territoire.delivery.database import read
from ckanext.territoire.security import old_files, retention
from tests.ckan.conftest import act
from tests.ckan.form_browser import Browser
from tests.ckan.parking_rows import SLUG, park, to_csv, upload
from tests.ckan.test_history import PAGE, resource, text_of  # noqa: F401 (a fixture)
from tests.ckan.test_table_versions import AFTER, BEFORE

pytestmark = pytest.mark.usefixtures("resource")


@pytest.fixture(autouse=True)
def nothing_of_others(resource: Any) -> None:  # noqa: F811
    """No file of another test is old enough to go."""
    (files.folder() / files.ERASED).unlink(missing_ok=True)
    for path in files.folder().glob("??/*"):
        os.utime(path)


def kept(content: str) -> Path:
    return files.path_of(sha256(content.encode()).hexdigest())


def after(days: int, *paths: Path) -> int:
    """Erase what is due, as if it were so many days later for these files."""
    retention.erase_old()
    for path in paths:
        os.utime(path, (time.time() - 5 * 86400,) * 2)
    for table, column in (("unused_file", "since"), ("table_version", "hidden_at")):
        model.Session.execute(
            text(f"UPDATE territoire_{table} SET {column} = {column} - make_interval(days => :d)"),
            {"d": days},
        )
    model.Session.commit()
    return retention.erase_old().files


def hide(**asked: Any) -> Any:
    [former] = [e for e in act("territoire_history_show", id="lieux")["entries"]
                if e.get("sha256") == kept(BEFORE).name]  # fmt: skip
    return act("territoire_version_hide", id="lieux", version=former["version"], **asked)


def journal() -> list[tuple[str, str]]:
    query = "SELECT action, title FROM territoire_act WHERE action = 'territoire_file_erase'"
    return [tuple(row) for row in model.Session.execute(text(query))]


def test_the_file_of_a_former_state_goes_after_a_year_and_that_of_today_stays(app: Any) -> None:
    assert after(364, kept(BEFORE), kept(AFTER)) == 0
    assert kept(BEFORE).is_file()
    assert after(2, kept(BEFORE), kept(AFTER)) == 1
    assert (kept(BEFORE).is_file(), kept(AFTER).is_file()) == (False, True)
    assert "Ce fichier n’est plus gardé." in text_of(app.get(PAGE).body)
    assert journal() == [("territoire_file_erase", act("package_show", id="lieux")["title"])]
    assert not (files.folder() / files.ERASED).exists()


def test_a_file_that_was_taken_out_goes_after_thirty_days_and_a_backup_does_not_bring_it_back(
    app: Any,
) -> None:
    hide()
    assert after(29, kept(BEFORE), kept(AFTER)) == 0
    assert after(2, kept(BEFORE), kept(AFTER)) == 1
    assert not kept(BEFORE).exists()
    assert (files.folder() / files.ERASED).read_text().split() == [kept(BEFORE).name]


def test_who_publishes_erases_a_file_at_once(app: Any) -> None:
    browser = Browser(app)
    browser.log_in("mairie")
    page = browser.open(PAGE)
    [form] = [form for form in page.tree.forms if str(form.action).endswith("/retirer")]

    told = browser.send(page, form, {"erase": "oui"})

    assert "effacés pour de bon" in told.text
    assert (kept(BEFORE).exists(), kept(AFTER).is_file()) == (False, True)
    assert len(journal()) == 1


def test_a_content_that_another_resource_shows_stays(app: Any) -> None:
    told = {"name": "autres", "title": "Autres", "owner_org": "acigne", "license_id": "lov2"}
    made = act("package_create", **told)
    address = f"{toolkit.config['ckan.site_url']}/dataset/{made['id']}/fichier/autres.csv"
    act("resource_create", package_id=made["id"], format="CSV", url=address,
        hash=files.keep(BEFORE.encode()))  # fmt: skip

    assert hide(erase="oui")["is_erased"] is False
    assert after(400, kept(BEFORE)) == 0
    assert kept(BEFORE).is_file()


def test_a_file_that_has_just_come_is_never_erased() -> None:
    stray = files.path_of(files.keep(b"arrive \xc3\xa0 l'instant"))
    assert after(400) == 0
    assert stray.is_file()
    os.utime(stray, (0, 0))
    assert files.path_of(files.keep(stray.read_bytes())) == stray  # it comes again: new again
    assert after(400) == 0
    assert stray.is_file()


def test_a_deleted_resource_loses_its_file_after_a_year_and_a_restored_one_never(
    app: Any,
    resource: dict[str, Any],  # noqa: F811
) -> None:
    toolkit.get_action("package_delete")({"ignore_auth": True, "user": "agent"}, {"id": "lieux"})
    retention.erase_old()
    act("package_patch", id="lieux", state="active")
    assert after(400, kept(AFTER)) == 0
    act("package_delete", id="lieux")
    assert after(400, kept(AFTER)) == 1
    assert not kept(AFTER).exists()


def test_the_last_file_of_a_feed_stays_for_the_day_its_dataset_is_shown_again() -> None:
    told = act("territoire_delivery_create", organization="acigne", schema=SLUG,
               upload=upload(to_csv(park(1))))  # fmt: skip
    act("territoire_delivery_publish", id=told["id"])
    [row] = read("SELECT sha256 FROM territoire.delivery WHERE id = %s", (told["id"],))
    for dataset in act("package_search", include_private=True)["results"]:
        act("package_delete", id=dataset["id"])

    after(400, files.path_of(row["sha256"]))

    assert files.path_of(row["sha256"]).is_file()


def test_no_name_leaves_the_folders() -> None:
    with pytest.raises(ValueError, match="sha256"):
        files.path_of("../../etc/passwd")
    assert old_files.erase_now("0" * 64) is False

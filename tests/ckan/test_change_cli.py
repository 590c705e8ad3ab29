"""`schema uses`, `schema rehearse` and `announcement`: who is touched, and is told so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from sqlalchemy import text

from ckanext.territoire import minute
from tests.ckan.conftest import act
from tests.ckan.test_schema_cli import FOLDER, TOILETS, publish, run  # noqa: F401 (a fixture)

SLUG = TOILETS.slug
GONE = next(
    each.name for each in TOILETS.fields if not each.is_required and each.name not in TOILETS.key
)


@pytest.fixture
def two_keys(clean: None) -> Iterator[None]:
    """Two keys: one names a column, the other takes the whole table."""
    act("user_create", name="pousse", email="pousse@exemple.fr", password="un-mot-de-passe")
    for column in (GONE, "*"):
        key = act("api_token_create", user="pousse", name=column)["id"]
        model.Session.execute(
            text("INSERT INTO territoire_column_use VALUES (:day, :slug, :column, :key, 7)"),
            {"day": date.today(), "slug": SLUG, "column": column, "key": key},
        )
    model.Session.commit()
    minute.forget()
    yield
    minute.forget()


@pytest.mark.usefixtures("two_keys")
def test_who_reads_a_column_is_counted(run: Any) -> None:  # noqa: F811
    output, code = run("uses", SLUG)
    assert code == 0
    line = next(each for each in output.splitlines() if each.startswith(f"{GONE} "))
    assert line.split() == [GONE, "1", "7", "0"]
    told = json.loads(run("uses", SLUG, "--json")[0])
    assert told["whole"]["keys"] == 1


@pytest.mark.usefixtures("two_keys")
def test_a_rehearsal_says_how_many_keys_read_a_column_that_goes(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    place = tmp_path / SLUG / "9.0"
    place.mkdir(parents=True)
    whole = (FOLDER / "table.yaml").read_text(encoding="utf-8")
    begin = whole.index(f"  - name: {GONE}\n")
    end = whole.find("\n  - name: ", begin + 1)
    rest = whole[end + 1 :] if end > 0 else ""
    (place / "table.yaml").write_text(whole[:begin] + rest, encoding="utf-8")
    publish(monkeypatch, ("35001", (FOLDER / "valid.csv").read_bytes()))

    output, _ = run("rehearse", SLUG, "9.0", "--folder", str(tmp_path))

    said = output.replace("\xa0", " ")
    assert f"{GONE} disparaît : 1 clé la nomme" in said
    assert "1 clé lit toute la table" in said
    told = json.loads(run("rehearse", SLUG, "9.0", "--folder", str(tmp_path), "--json")[0])
    assert [(each["name"], each["fate"], each["keys"]) for each in told["columns"]] == [
        (GONE, "gone", 2)
    ]


@pytest.mark.usefixtures("two_keys")
def test_a_change_is_announced_and_withdrawn_by_command(run: Any) -> None:  # noqa: F811
    from click.testing import CliRunner

    from ckanext.territoire.cli import territoire

    def do(*words: str) -> tuple[str, int]:
        done = CliRunner().invoke(territoire, ["announcement", *words])
        return done.output.replace("\xa0", " "), done.exit_code

    assert do("list") == ("Rien n’est annoncé.\n", 0)
    told, code = do("add", SLUG, "--column", GONE, "--on", "2999-06-30", "--why", "Remplacée.")
    assert code == 0
    assert "2 clés concernées" in told
    number = told.split()[1]
    assert "en cours" in do("list")[0]
    wrong, code = do("add", SLUG, "--column", GONE, "--on", "2999-06-30", "--why", "Encore.")
    assert (code, "TER-API-225" in wrong) == (1, True)
    assert do("withdraw", number)[1] == 0
    assert json.loads(do("list", "--json")[0])[0]["is_withdrawn"]

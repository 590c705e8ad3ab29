"""`territoire schema …`, run as an operator runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ckanext.territoire import files
from ckanext.territoire.cli import territoire
from ckanext.territoire.delivery import store
from harvesters.table.received import Commune, References
from schemas import load

TOILETS = load.latest("toilettes-publiques")
FOLDER = load.TABLES / TOILETS.slug / TOILETS.version


@pytest.fixture
def run(clean: None, cli: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command where three communes are known; answer what it printed and its exit code."""
    communes = tuple(Commune(code, code, True) for code in ("35001", "35051", "35039"))
    known = References(communes)
    for place in ("delivery.references.references", "delivery.rehearse.references"):
        monkeypatch.setattr(f"ckanext.territoire.{place}", lambda: known)

    def invoke(*words: str) -> tuple[str, int]:
        result = cli.invoke(territoire, ["schema", *words])
        return result.output, result.exit_code

    return invoke


def test_the_schemas_are_listed_with_who_must_publish_them(run: Any) -> None:
    output, code = run("list")
    assert code == 0
    assert len(output.splitlines()) == len(load.slugs())
    assert "Toilettes publiques (attendu du territoire)" in output


def test_a_schema_is_shown_with_its_columns_and_examples(run: Any) -> None:
    output, code = run("show", TOILETS.slug)
    assert code == 0
    for field in TOILETS.fields:
        assert field.name in output
    assert "Exemple : WC-01" in output


def test_an_unknown_schema_ends_with_one_sentence_and_near_names(run: Any) -> None:
    output, code = run("show", "toilette")
    assert code == 1
    assert "TER-CFG-100" in output
    assert "toilettes-publiques" in output


def test_a_good_file_ends_with_0_and_says_what_was_understood(run: Any) -> None:
    output, code = run("check", str(FOLDER / "valid.csv"))
    assert code == 0
    assert "fichier lu en UTF-8" in output
    assert f"Modèle : Toilettes publiques ({TOILETS.id})" in output
    assert "3\xa0bonnes lignes, 0 à corriger" in output


def test_a_file_with_bad_rows_ends_with_1_and_says_where(run: Any) -> None:
    output, code = run("check", str(FOLDER / "invalid.csv"), "--schema", TOILETS.slug)
    assert code == 1
    assert "3\xa0bonnes lignes, 7 à corriger" in output
    assert "colonne « nom » : la case est vide" in output
    assert "Lignes : 3" in output


def test_the_report_for_programs_holds_the_counts_and_each_issue(run: Any) -> None:
    output, code = run("check", str(FOLDER / "invalid.csv"), "--json")
    report = json.loads(output)
    told = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
    assert code == 1
    assert (report["schema_id"], report["good"], report["bad"]) == (TOILETS.id, 3, 7)
    found = {(i["line"], i["field"], i["code"]) for i in report["row_issues"]}
    without_outlines = [i for i in told["issues"] if i["code"] != "TER-VAL-124"]
    assert found == {(i["line"], i["field"], i["code"]) for i in without_outlines}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("inconnu.csv", "couleur;taille\nrouge;3\nvert;4\n", "TER-CFG-104"),
        ("notice.csv", "%PDF-1.7 notice", "PDF"),
        ("vide.csv", "", "TER-TAB-"),
    ],
)
def test_a_file_that_cannot_be_checked_ends_with_1_and_the_reason(
    run: Any, tmp_path: Path, name: str, content: str, said: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    output, code = run("check", str(tmp_path / name))
    assert code == 1
    assert said in output
    assert "Traceback" not in output


def test_a_file_that_does_not_exist_is_said_in_french(run: Any) -> None:
    output, code = run("check", "nulle-part.csv")
    assert code == 1
    assert "le fichier « nulle-part.csv » est introuvable" in output


def test_a_schema_is_started_once_and_loads(run: Any, tmp_path: Path) -> None:
    output, code = run("new", "bornes-wifi", "--folder", str(tmp_path))
    assert code == 0
    started = tmp_path / "bornes-wifi" / "0.1"
    assert str(started) in output
    assert load.load_file(started / "table.yaml").title == "Bornes wifi"
    again, code = run("new", "bornes-wifi", "--folder", str(tmp_path))
    assert code == 1
    assert "TER-CFG-102" in again


def test_a_name_that_cannot_be_an_address_is_refused(run: Any, tmp_path: Path) -> None:
    output, code = run("new", "Bornes Wi-Fi", "--folder", str(tmp_path))
    assert code == 1
    assert "TER-CFG-101" in output
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def stricter(tmp_path: Path) -> Path:
    """A folder with a version 9.0 of the toilets, that wants short addresses."""
    told = (FOLDER / "table.yaml").read_text(encoding="utf-8")
    place = tmp_path / TOILETS.slug / "9.0"
    place.mkdir(parents=True)
    wanted = told.replace("title: Adresse\n", "title: Adresse\n    max_length: 15\n")
    (place / "table.yaml").write_text(wanted, encoding="utf-8")
    return tmp_path


def publish(monkeypatch: pytest.MonkeyPatch, *live: tuple[str, bytes]) -> None:
    kept = [(insee, f"r-{insee}", files.keep(content)) for insee, content in live]
    monkeypatch.setattr(store, "live_files", lambda slug: kept if slug == TOILETS.slug else [])


def test_a_rehearsal_counts_what_would_break_in_each_commune(
    run: Any, stricter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    valid = (FOLDER / "valid.csv").read_bytes()
    publish(
        monkeypatch, ("35001", valid), ("35051", valid.replace(b"Place de la Mairie", b"Mairie"))
    )
    asked = ("rehearse", TOILETS.slug, "9.0", "--folder", str(stricter))
    output, code = run(*asked)
    assert code == 1
    assert "TER-VAL-108" in output
    assert "lignes de plus seraient à corriger, dans 2\xa0fichiers" in output
    told = json.loads(run(*asked, "--json")[0])
    files = told["files"]
    assert [(each["insee"], each["before"], each["after"]) for each in files] == [
        ("35001", [3, 0], [1, 2]), ("35051", [3, 0], [2, 1]),
    ]  # fmt: skip


def test_a_rehearsal_that_breaks_nothing_ends_with_0(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / TOILETS.slug / "9.0"
    place.mkdir(parents=True)
    (place / "table.yaml").write_bytes((FOLDER / "table.yaml").read_bytes())
    publish(monkeypatch, ("35001", (FOLDER / "invalid.csv").read_bytes()))
    output, code = run("rehearse", TOILETS.slug, "9.0", "--folder", str(tmp_path))
    assert code == 0
    assert "Aucune ligne de plus ne serait à corriger." in output


def test_a_rehearsal_says_when_there_is_nothing_to_try_it_on(
    run: Any, stricter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(monkeypatch)
    output, code = run("rehearse", TOILETS.slug, "9.0", "--folder", str(stricter))
    assert code == 0
    assert "rien à essayer" in output


def test_a_rehearsal_of_a_version_that_is_not_there_says_so(run: Any, tmp_path: Path) -> None:
    output, code = run("rehearse", TOILETS.slug, "9.0", "--folder", str(tmp_path))
    assert code == 1
    assert "TER-CFG-105" in output
    assert "Traceback" not in output


def test_a_live_file_that_is_lost_is_said_and_the_others_are_tried(
    run: Any, stricter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(monkeypatch, ("35051", (FOLDER / "valid.csv").read_bytes()))
    kept = [("35001", "r-lost", "0" * 64), *store.live_files(TOILETS.slug)]
    monkeypatch.setattr(store, "live_files", lambda slug: kept)
    output, code = run("rehearse", TOILETS.slug, "9.0", "--folder", str(stricter))
    assert code == 1
    assert "TER-CFG-103" in output
    assert "35051" in output

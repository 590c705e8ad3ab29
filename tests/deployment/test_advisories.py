"""What this copy is made of, and what is known of it: said only when somebody was asked."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deployment.advisories import __main__ as advisories
from deployment.advisories import osv, outcome
from deployment.advisories.inventory import LOCKS, Part, read_jar, read_parts
from deployment.advisories.sbom import to_sbom
from deployment.doctor.finding import Verdict
from deployment.layout import CHECKOUT, Layout, layout
from harvesters.model import Issue
from tests.unit.loopback import http, serving

JINJA = Part("pypi", "", "jinja2", "3.1.6")
PARTS = (JINJA, Part("npm", "", "maplibre-gl", "6.17.0"))


@pytest.fixture
def here(tmp_path: Path) -> Layout:
    """A copy with one jar."""
    folder = tmp_path / "solr" / "lib"
    folder.mkdir(parents=True)
    jar(folder / "lucene-core-9.12.3.jar")
    jar(folder / "mystere-1.0.jar")
    return replace(layout(), home=tmp_path)


def jar(path: Path, **told: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for group, name in told.items():
            archive.writestr(f"META-INF/maven/{group}/{name}/pom.properties", "")
    return path


def test_the_inventory_holds_every_pin_every_asset_and_every_jar(here: Layout) -> None:
    parts = read_parts(here)

    purls = {part.purl for part in parts}
    pins = [line for lock in LOCKS for line in (CHECKOUT / lock).read_text("utf-8").splitlines()
            if "==" in line and not line.startswith("#")]  # fmt: skip
    assert len([part for part in parts if part.kind == "pypi"]) == len(pins) > 100
    assert "pkg:pypi/ckan@2.12.0" in purls
    assert "pkg:maven/org.apache.lucene/lucene-core@9.12.3" in purls
    assert any(purl.startswith("pkg:npm/maplibre-gl@") for purl in purls)


def test_a_jar_is_named_by_what_it_says_of_itself_alone(tmp_path: Path) -> None:
    made = jar(
        tmp_path / "woodstox-core-7.0.0.jar", **{"a.shaded": "other", "com.x": "woodstox-core"}
    )
    assert read_jar(made).purl == "pkg:maven/com.x/woodstox-core@7.0.0"
    assert not read_jar(jar(tmp_path / "mystere-1.0.jar")).is_known


def test_the_inventory_is_valid_cyclonedx(here: Layout) -> None:
    text = to_sbom(read_parts(here))

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    told = json.loads(text)
    assert told["bomFormat"] == "CycloneDX"
    assert len(told["components"]) == len(read_parts(here))


def answer(*ids: list[str]) -> bytes:
    results = [{"vulns": [{"id": each} for each in found]} if found else {} for found in ids]
    return json.dumps({"results": results}).encode()


def test_the_base_is_asked_and_what_it_knows_is_told(
    here: Layout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    count = len([part for part in read_parts(here) if part.is_known])
    known = [["GHSA-1"], *([] for _ in range(count - 1))]
    with serving(lambda ask, send: send(http(answer(*known)))) as host:
        monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", host)
        assert advisories.main(["--server", f"http://{host}"], here) == 1

    told = capsys.readouterr().out
    assert "GHSA-1" in told
    assert "pkg:maven/mystere@1.0" in told  # nobody could look it up, and it is said
    finding = outcome.to_finding(outcome.load(here), datetime.now(UTC))
    assert (finding.verdict, "1 connus" in finding.told) == (Verdict.FAULT, True)


@pytest.mark.parametrize(
    "told", [b"", b"{}", b'{"results": 3}', b'{"results": [{}]}', b"[" * 100_000, answer(["A"])]
)
def test_an_answer_that_cannot_be_read_is_never_nothing_known(told: bytes) -> None:
    assert isinstance(osv.read_answers(told, PARTS), Issue)


@pytest.mark.parametrize("status", ["404 Not Found", "500 Error", "302 Found"])
def test_a_base_that_refuses_is_an_issue(status: str) -> None:
    with serving(lambda ask, send: send(http(answer([], []), status=status))) as host:
        found = osv.ask(PARTS, f"http://{host}", frozenset({host}))
    assert isinstance(found, Issue)


def test_without_network_nothing_is_called_verified(
    here: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert advisories.main(["--server", "https://127.0.0.1:9"], here) == 2

    assert "rien n’est vérifié" in capsys.readouterr().out
    assert outcome.load(here) is None
    finding = outcome.to_finding(None, datetime.now(UTC))
    assert (finding.verdict, "jamais consultés" in finding.told) == (Verdict.WARNING, True)


def test_an_answer_brought_by_hand_is_read(here: Layout, tmp_path: Path) -> None:
    advisories.main(["--server", "https://127.0.0.1:9"], here)
    asked: Any = json.loads((tmp_path / "advisories-questions.json").read_text("utf-8"))
    file = tmp_path / "reponses.json"
    file.write_bytes(answer(*([] for _ in asked["queries"])))

    assert advisories.main(["--file", str(file)], here) == 0
    known = outcome.load(here)
    assert known is not None
    assert outcome.to_finding(known, datetime.now(UTC)).verdict is Verdict.FINE
    late = datetime.now(UTC) + timedelta(days=40)
    assert outcome.to_finding(known, late).verdict is Verdict.WARNING


def test_a_state_file_that_was_cut_is_as_absent(here: Layout) -> None:
    (here.home / "advisories.json").write_text('{"at": "2026', encoding="utf-8")
    assert outcome.load(here) is None

"""The vocabularies recognise what real catalogues write, and contradict themselves nowhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.vocabulary import FOLDER, load_vocabulary, plain

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
EU = "http://publications.europa.eu/resource/authority"
EU_DATA_THEMES = [
    "AGRI",
    "ECON",
    "EDUC",
    "ENER",
    "ENVI",
    "GOVE",
    "HEAL",
    "INTR",
    "JUST",
    "REGI",
    "SOCI",
    "TECH",
    "TRAN",
]
LOCAL_DOMAINS = [
    "agriculture",
    "securite",
    "tourisme",
    "transports",
    "marches-publics",
    "patrimoine-culture",
    "transition-ecologique",
    "energie",
    "dechets",
    "eau",
    "eclairage",
    "voirie-stationnement",
    "demographie",
    "climat",
    "education",
    "vie-associative",
]


@pytest.fixture
def rennes() -> list[dict[str, object]]:
    path = SHARED / "rennes-metropole" / "catalogue" / "datarennes_meta.json"
    if not path.exists():
        pytest.skip("les fichiers réels de shared/data ne sont pas ici")
    entries: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))
    return entries


@pytest.mark.parametrize("name", NAMES)
def test_every_term_is_found_by_its_id_its_label_and_each_of_its_synonyms(name: str) -> None:
    vocabulary = load_vocabulary(name)
    for term in vocabulary:
        for spelling in (term.id, term.label, *term.synonyms, *term.extensions):
            assert vocabulary.match(spelling) == term.id, spelling


@pytest.mark.parametrize("name", NAMES)
def test_every_id_is_safe_in_an_address_and_every_parent_exists(name: str) -> None:
    vocabulary = load_vocabulary(name)
    for term in vocabulary:
        assert re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", term.id)
        assert not term.parent or vocabulary.get(term.parent)
        assert term.uri == "" or term.uri.startswith(("http://", "https://", f"/{name}/"))


def test_a_spelling_is_matched_without_case_accents_punctuation_scheme_or_final_slash() -> None:
    licences = load_vocabulary("licences")
    assert licences.match("LICENCE OUVERTE v2.0 (étalab)") == "lov2"
    assert licences.match("http://opendatacommons.org/licenses/odbl/1-0") == "odbl-1.0"
    assert licences.match("https://www.opendatacommons.org/licenses/odbl/1-0/") == "odbl-1.0"


def test_a_spelling_that_nobody_knows_matches_nothing() -> None:
    licences = load_vocabulary("licences")
    assert licences.match("Licence de pêche") is None
    assert licences.match("") is None
    assert licences.get("LOV2") is None


def test_near_terms_put_the_closest_first() -> None:
    themes = load_vocabulary("themes")
    assert themes.near("tranports")[0].id == "transports"
    assert themes.near("dechet")[0].id == "dechets"
    assert themes.near("zzzzzz") == []


def test_the_two_versions_of_the_licence_ouverte_are_told_apart() -> None:
    match = load_vocabulary("licences").match
    versions = {
        "lov1": [
            "fr-lo",
            "etalab-1.0",
            "http://www.etalab.gouv.fr/pages/Licence_ouverte_Open_licence-5899923.html",
        ],
        "lov2": [
            "etalab-2.0",
            "lov2",
            "Licence Ouverte v2.0 (Etalab)",
            "https://spdx.org/licenses/etalab-2.0.html",
        ],
    }
    for licence_id, spellings in versions.items():
        assert {match(spelling) for spelling in spellings} == {licence_id}


def test_the_licences_of_the_rennes_catalogue_are_all_recognised(
    rennes: list[dict[str, object]],
) -> None:
    labels = {str(found) for entry in rennes for found in _licence_labels(entry)}
    match = load_vocabulary("licences").match
    assert {"odbl-1.0", "etalab-1.0", "etalab-2.0", "cc-by-nd-4.0"} <= labels
    assert {label for label in labels if match(label) is None} == set()


def _licence_labels(entry: dict[str, object]) -> Iterator[str]:
    text = json.dumps(entry)
    yield from re.findall(r'"licence_type": "STANDARD", "licence_label": "([^"]+)"', text)
    yield from re.findall(r'"licence_label": "([^"]+)", "licence_type": "STANDARD"', text)


def test_the_licence_list_of_rennes_is_recognised_but_for_software_licences() -> None:
    path = SHARED / "rennes-metropole" / "catalogue" / "rudi-licences.json"
    if not path.exists():
        pytest.skip("les fichiers réels de shared/data ne sont pas ici")
    text = path.read_text(encoding="utf-8")
    codes = re.findall(r'"concept_code": "([^"]+)",\s+"concept_role": "licence"', text)
    unknown = {code for code in codes if load_vocabulary("licences").match(code) is None}
    assert len(codes) == 8
    assert unknown == {"public-domain-cc0", "gpl-3.0", "mit", "apache-2.0"}


def test_every_theme_of_the_rennes_catalogue_finds_its_domain(
    rennes: list[dict[str, object]],
) -> None:
    match = load_vocabulary("themes").match
    themes = {str(entry["theme"]) for entry in rennes if entry.get("theme")}
    assert len(themes) >= 14
    assert {theme for theme in themes if match(theme) is None} == set()


def test_the_thirteen_european_themes_are_there_with_their_official_addresses() -> None:
    themes = load_vocabulary("themes")
    tops = {term.uri for term in themes if not term.parent}
    assert tops == {f"{EU}/data-theme/{code}" for code in EU_DATA_THEMES}


@pytest.mark.parametrize("domain", LOCAL_DOMAINS)
def test_each_local_domain_leads_to_a_european_theme(domain: str) -> None:
    themes = load_vocabulary("themes")
    up = themes.ancestors(domain)
    assert len(up) == 2
    assert themes.terms[up[1]].uri.startswith(f"{EU}/data-theme/")
    assert themes.terms[domain].uri == f"/themes/{domain}"


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("threeTimesAWeek", "three-times-a-week"),  # data.gouv.fr
        ("punctual", "never"),
        ("asNeeded", "as-needed"),  # ISO 19139
        ("biannually", "twice-a-year"),
        ("R/P1Y", "annual"),  # ISO 8601
        ("http://purl.org/cld/freq/quarterly", "quarterly"),  # Dublin Core
        ("Mensuelle", "monthly"),
        (f"{EU}/frequency/BIENNIAL", "every-two-years"),
    ],
)
def test_a_frequency_is_recognised_in_the_words_of_each_kind_of_catalogue(
    spelling: str, expected: str
) -> None:
    assert load_vocabulary("frequencies").match(spelling) == expected


def test_every_frequency_has_an_address_of_the_european_table() -> None:
    for term in load_vocabulary("frequencies"):
        assert term.uri.startswith(f"{EU}/frequency/")


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("text/csv", "CSV"),
        (".geojson", "GeoJSON"),
        ("page web", "Page web"),
        ("shapefile", "Shapefile"),
        ("n-triples", "N-Triples"),
        ("OGC:WFS", "WFS"),
        (f"{EU}/file-type/JSON", "JSON"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLSX"),
    ],
)
def test_a_format_is_recognised_by_type_extension_or_word(spelling: str, expected: str) -> None:
    formats = load_vocabulary("formats")
    assert formats.terms[formats.match(spelling) or ""].label == expected


def test_an_address_that_several_formats_share_names_the_plain_one() -> None:
    formats = load_vocabulary("formats")
    assert formats.match("application/zip") == "zip"
    assert formats.match(f"{EU}/file-type/XML") == "xml"


def test_plain_keeps_digits_and_words_only() -> None:
    assert plain("  Éclairage-public (2.0) ") == "eclairage public 2 0"


def test_two_terms_may_not_claim_one_spelling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "twice.yaml").write_text(
        "- {id: a, label: Un}\n- {id: b, label: un}\n", encoding="utf-8"
    )
    monkeypatch.setattr("schemas.vocabulary.FOLDER", tmp_path)
    with pytest.raises(ValueError, match="names a and b"):
        load_vocabulary("twice")

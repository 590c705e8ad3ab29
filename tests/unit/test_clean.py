"""Harvested texts: what a source wrote becomes safe Markdown, one plain line, or a day."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown import markdown

from harvesters import clean
from harvesters.clean import MAX_RAW, to_day, to_markdown, to_plain
from harvesters.map.text import (
    MAX_TEXT,
    MAX_TITLE,
    clean_date,
    clean_tags,
    clean_text,
    clean_title,
    one_line,
)

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x.example/a.js></SCRIPT>",
    "<script>alert(1)",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="x" ONERROR = "alert(1)">',
    "<img src=x onerror=alert(1)//",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><img src onerror=alert(1)></mtext></math>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<a href='javascript:alert(1)'>ici</a>",
    "<a href=' jAvAsCrIpT:alert(1)'>ici</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>ici</a>",
    "<form action='javascript:alert(1)'><button>ici</button></form>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<style>@import 'https://x.example/a.css'</style>",
    "<body onload=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;img src=x onerror=alert(1)&amp;gt;",
    "[ici](javascript:alert(1))",
    "[ici]( JavaScript:alert(1))",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_code_survives_and_its_removal_is_said(text: str) -> None:
    cleaned, issues = clean_text(f"Avant {text}", "fiche 1")
    shown = markdown(cleaned).lower()
    assert "<script" not in shown
    assert "onerror=" not in shown
    assert "onload=" not in shown
    assert "javascript:" not in shown
    assert "<img" not in shown
    assert "<svg" not in shown
    assert cleaned.startswith("Avant")
    assert [issue.code for issue in issues] == ["TER-VAL-021"]


@pytest.mark.parametrize("text", [t for t in HOSTILE if not t.startswith("[")])
def test_no_tag_survives_in_one_line(text: str) -> None:
    assert "<" not in markdown(one_line(f"Avant {text}")).removeprefix("<p>").removesuffix("</p>")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Arbres < 10 m et > 3 m", "Arbres < 10 m et > 3 m"),
        ("## Titre\n\n- un\n- deux", "## Titre\n\n- un\n- deux"),
        ("Horaires &amp; tarifs", "Horaires & tarifs"),
        ("Voir <https://a.fr/x> ou <mairie@a.fr>", "Voir https://a.fr/x ou mairie@a.fr"),
        ("<p>Un</p><p>Deux</p>", "Un\n\nDeux"),
        ("Un<br/>Deux<br>Trois", "Un\nDeux\nTrois"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<h2>Titre</h2><p>Texte <b>fort</b></p>", "### Titre\n\nTexte **fort**"),
        ("<a href='https://a.fr/x (1)'>le plan [A3]</a>", "[le plan (A3)](https://a.fr/x%20%281%29)"),
        ("<a href='https://a.fr'>https://a.fr</a>", "https://a.fr"),
        ("<a href='/ici'>ici</a>", "ici"),
        ("![vue](https://t.example/p.gif)", "[vue](https://t.example/p.gif)"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
        ("&lt;p&gt;Écrit deux fois&lt;/p&gt;", "Écrit deux fois"),
        ("nul\x00 et\x1b sens\u202e", "nul et sens"),
        ("<b></b>rien", "rien"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_harmless_text_keeps_its_words_and_nothing_is_said(written: str, read: str) -> None:
    assert clean_text(written, "fiche 1") == (read, ())


@pytest.mark.parametrize("times", range(1, 9))
def test_code_escaped_many_times_never_becomes_a_tag(times: int) -> None:
    text = "<img src=x onerror=alert(1)>"
    for _ in range(times):
        text = html.escape(text)
    assert "<img" not in markdown(to_markdown(text)[0])
    assert "<img" not in markdown(to_plain(text))


def test_a_cleaned_text_is_clean() -> None:
    once, _ = to_markdown("<p>Voir <a href='https://a.fr'>le <b>plan</b></a></p><ul><li>a</ul>")
    assert to_markdown(once) == (once, False)


def test_a_text_of_a_megabyte_is_cut_and_its_length_said() -> None:
    cleaned, issues = clean_text("mot " * 250_000, "fiche 1")
    assert len(cleaned) <= MAX_TEXT
    assert cleaned.endswith("…")
    assert [(i.code, i.found) for i in issues] == [("TER-VAL-022", "1000000")]


def test_a_title_of_a_megabyte_is_cut_and_its_length_said() -> None:
    title, issues = clean_title("<b>mot</b> " * 100_000, "fiche 1")
    assert len(title) <= MAX_TITLE
    assert title.startswith("mot mot")
    assert [(i.code, i.found) for i in issues] == [("TER-VAL-022", "1100000")]


@pytest.mark.parametrize("seed", ["<ul>", "<a", "=   ", "![", "&lt;", "<p><b>", "](data:("])
def test_a_text_made_to_be_slow_is_read_within_its_bound(seed: str) -> None:
    text = seed * (1_000_000 // len(seed))
    assert len(to_markdown(text)[0]) <= MAX_RAW
    assert len(to_plain(text)) <= MAX_RAW


def test_a_title_is_one_line() -> None:
    assert clean_title(" Budget\n<b>primitif</b>\t2026&nbsp;\u200b", "") == (
        "Budget primitif 2026",
        (),
    )


def test_tags_are_those_that_ckan_accepts() -> None:
    tags = clean_tags(["Eau & <b>air</b>", "x", "eau", "eau", None, "a/b", "é" * 200])
    assert tags == ("Eau air", "eau", "a b", "é" * 99)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-03-01", "2024-03-01"),
        ("01/03/2024", "2024-03-01"),
        ("1/3/2024", "2024-03-01"),
        ("01.03.2024", "2024-03-01"),
        ("20240301", "2024-03-01"),
        ("1er mars 2024", "2024-03-01"),
        ("12 Août 2023", "2023-08-12"),
        ("déc. 2023", "2023-12"),
        ("2024", "2024"),
        ("2024-03", "2024-03"),
        ("2024-03-01T10:00:00Z", "2024-03-01T10:00:00+00:00"),
        ("2024-03-01 10:00:00", "2024-03-01T10:00:00"),
        ("Fri, 01 Mar 2024 10:00:00 GMT", "2024-03-01"),
        ("1709287200000", "2024-03-01"),
        ("le 01/03/2024 à 10:00", "2024-03-01"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_date_is_read_as_people_and_servers_write_it(written: object, read: str) -> None:
    assert clean_date(written, "fiche 1") == (read, ())


@pytest.mark.parametrize(
    "written",
    ["demain", "31/02/2024", "31 février 2024", "0001-01-01", "9999-12-31", "1799-12-31", "2101",
     "20241301", "99999999", "12 brumaire 2024", "-1", "9999999999999", "<b>2024</b>", "N/A"],
)  # fmt: skip
def test_an_absurd_date_is_left_out_and_said(written: str) -> None:
    iso, issues = clean_date(written, "fiche 1")
    assert iso == ""
    assert [(i.code, i.found) for i in issues] == [("TER-VAL-023", written)]


def test_a_day_is_no_hour() -> None:
    assert to_day("10:00") is None


PIECES = st.sampled_from(
    [
        "<b>",
        "&amp;",
        "![a](",
        "](",
        "javascript:",
        "=",
        "\r\n",
        "\u200b",
        "\x0b",
        "<",
        ">",
        " ",
        "é",
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=8).map("".join))
def test_a_text_that_one_look_finds_clean_is_what_the_whole_cleaning_makes_of_it(text: str) -> None:
    quick = to_plain(text), to_markdown(text)
    with pytest.MonkeyPatch.context() as patched:
        for name in ("MARKED", "MARKED_UP"):
            patched.setattr(clean, name, re.compile(""))  # nothing is found clean
        assert (to_plain(text), to_markdown(text)) == quick

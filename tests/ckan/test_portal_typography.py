"""French typography, markup, freshness and maps: pure functions of the pages."""

from __future__ import annotations

from datetime import date

import jinja2
import pytest

from ckanext.territoire.portal import markup, typeset, typography
from ckanext.territoire.portal.freshness import Freshness, freshness
from ckanext.territoire.portal.outlines import draw, draw_around

SQUARE = [[-1.7, 48.1], [-1.6, 48.1], [-1.6, 48.2], [-1.7, 48.2], [-1.7, 48.1]]
BESIDE = [[-1.6, 48.1], [-1.5, 48.1], [-1.5, 48.2], [-1.6, 48.2], [-1.6, 48.1]]
FAR = [[-1.2, 48.1], [-1.1, 48.1], [-1.1, 48.2], [-1.2, 48.2], [-1.2, 48.1]]
TODAY = date(2026, 11, 23)


def feature(insee: str, ring: list[list[float]]) -> dict[str, object]:
    about = {"insee": insee, "name": insee, "slug": insee, "dataset_count": 1}
    return {"properties": about, "geometry": {"type": "Polygon", "coordinates": [ring]}}


@pytest.mark.parametrize(
    ("value", "written"),
    [(0, "0"), (1204, "1\u202f204"), (473973, "473\u202f973"), (None, ""), (-1204, "-1\u202f204")],
)
def test_numbers_have_narrow_no_break_spaces(value: int | None, written: str) -> None:
    assert typography.number(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2026-11-23", "aujourd’hui"),
        ("2026-11-22", "hier"),
        ("2026-11-20", "il y a 3\u00a0jours"),
        ("2026-06-23", "il y a 5\u00a0mois"),
        ("2024-11-23", "il y a 2\u00a0ans"),
        ("2026-12-01", "le 1er\u00a0décembre\u00a02026"),
        ("nonsense", ""),
    ],
)
def test_a_day_says_how_long_ago_it_was(value: str, written: str) -> None:
    assert typography.ago(value, TODAY) == written


def test_a_moment_in_the_evening_utc_is_the_next_day_in_paris() -> None:
    assert typography.day("2026-07-31T22:30:00.123") == "1er\u00a0août\u00a02026"


def test_zero_and_one_are_singular() -> None:
    counted = [typography.count(n, "jeu", "jeux") for n in (0, 1, 2)]
    assert counted == ["0\u00a0jeu", "1\u00a0jeu", "2\u00a0jeux"]


def test_spaces_of_an_address_and_an_hour_stay() -> None:
    assert typography.spaced("http://x.fr à 8:30") == "http://x.fr à 8:30"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("<p>Où ? Là : « ici » !</p>", "<p>Où\u202f? Là\xa0: «\xa0ici\xa0»\u202f!</p>"),
        ("{{ name }} : {{ name }}", "a\xa0: a"),
        ("{{ 'Que faire ?' if name }}", "Que faire\u202f?"),
        ("{% set said = 'Voici : ' ~ name %}<b>{{ said }}</b>", "<b>Voici\xa0: a</b>"),
        (
            '<a title="Où ?" href="/x?a=1 ; 2">Où ?</a>',
            '<a title="Où ?" href="/x?a=1 ; 2">Où\u202f?</a>',
        ),
        ('<a title="> {{ name }} ?">Où ?</a>', '<a title="> a ?">Où\u202f?</a>'),
        ("<a{% if name %} class='x ;'{% endif %}>Où ?</a>", "<a class='x ;'>Où\u202f?</a>"),
        ("<code>a ? b : c</code> ?", "<code>a ? b : c</code>\u202f?"),
        ("<pre><b>a ?</b></pre>{{ name }} ?", "<pre><b>a ?</b></pre>a\u202f?"),
        ("<textarea>a ?</textarea><!-- a ? -->", "<textarea>a ?</textarea><!-- a ? -->"),
        ("<style>a : b ; c</style>{{ 2 if name == 'a' }}", "<style>a : b ; c</style>2"),
        ("1 < 2 ? {{ name }}", "1 < 2\u202f? a"),
    ],
)
def test_a_template_is_read_with_its_no_break_spaces_and_its_attributes_as_typed(
    typed: str, read: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typeset, "OURS", "")
    pages = jinja2.Environment(autoescape=True, extensions=[typeset.FrenchSpaces])
    assert pages.from_string(typed).render(name="a") == read


def test_a_template_of_somebody_else_is_left_alone() -> None:
    pages = jinja2.Environment(autoescape=True, extensions=[typeset.FrenchSpaces])
    assert pages.from_string("<p>Où ?</p>").render() == "<p>Où ?</p>"


def test_markdown_keeps_its_lists_and_links_and_no_image() -> None:
    html = str(
        markup.to_html("# Titre\n\n* un\n* deux\n\n![i](https://x.fr/i.png) [là](https://x.fr)")
    )
    assert "<h3>Titre</h3>" in html
    assert html.count("<li>") == 2
    assert "<img" not in html
    assert 'href="https://x.fr"' in html


def test_a_link_to_a_script_loses_its_address() -> None:
    assert "javascript" not in str(markup.to_html("[x](javascript:alert(1))"))
    assert markup.safe_url(" javascript:alert(1)") == ""


def test_a_dataset_later_than_its_rhythm_is_late() -> None:
    late = freshness({"modified": "2026-01-01", "frequency": "weekly"}, TODAY)
    fresh = freshness({"modified": "2026-11-20", "frequency": "weekly"}, TODAY)
    silent = freshness({"modified": "2020-01-01"}, TODAY)
    verdicts = [late.freshness, fresh.freshness, silent.freshness]
    assert verdicts == [Freshness.LATE, Freshness.FRESH, Freshness.UNKNOWN]


def test_neighbours_share_the_points_of_their_border() -> None:
    picture = draw({"features": [feature("a", SQUARE), feature("b", BESIDE)]}, 200)
    assert picture is not None
    assert picture.frame.point(-1.6, 48.1) == (100, picture.frame.height)
    first, second = picture.shapes
    assert first.path.startswith(f"M0 {picture.frame.height}l100 0")
    assert second.path.startswith(f"M100 {picture.frame.height}l100 0")


def test_a_commune_is_drawn_with_its_neighbours_and_not_with_the_far_ones() -> None:
    all_three = {"features": [feature("a", SQUARE), feature("b", BESIDE), feature("c", FAR)]}
    picture = draw_around(all_three, "a", 200)
    assert picture is not None
    assert [shape.insee for shape in picture.shapes] == ["a", "b"]


def test_a_territory_without_outline_has_no_map() -> None:
    assert draw({"features": []}, 200) is None

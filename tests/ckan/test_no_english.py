"""The site is in French: what CKAN and its extensions leave in English, our catalogue says, and no
line begins with a sign that belongs to the word before.

Two ways, since neither sees all: every sentence that their templates may say has a translation,
and every page, opened by those who may open it, has no word of a closed list of English words.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from lxml import html

from ckanext.territoire import plugin
from tests.ckan.every_page import Portal, every_page, portal
from tests.ckan.form_browser import Browser

__all__ = ["portal"]
OURS = Path(plugin.__file__).parent / "i18n/fr/LC_MESSAGES/ckanext-territoire.po"
# the parts of CKAN that are on, and the extensions beside it, which have no French of their own
OF_CKAN = ("ckan/", "ckanext/activity/", "ckanext/datastore/")
EXTENSIONS = ("harvest", "dcat", "spatial", "scheming")
READ_BY = [
    ("**/tests/**", "ignore"),
    ("2.8_templates/**", "ignore"),
    ("**.py", "python"),
    ("**.html", "ckan"),
    ("**.txt", "ckan"),
]

# Frequent words of CKAN's screens that are no French words.
ENGLISH = frozenset(
    """about above access add added already and any are associated at available back be been before
    below browse by can changed changes choose clear click could create created
    currently custom dashboard dataset datasets day days delete deleted download each edit editor
    empty error errors every field fields filter find follow followers following for found from full
    get group groups harvest has have here hide history home how in is it job jobs last
    learn less license licenses link list loading login logout make manage maintainer may member
    members metadata modified more must my name navigate new next no none not notifications of off
    only open order organization organizations other our owner password please preview previous
    private profile published purge read remove removed request required reset resource resources
    results rights save search see select settings show sign size skip some sort sorry started
    status submit sure tag tags than that the their there these they this title to toggle token
    tokens trash unauthorized unknown unnamed update updated upload use used user username users
    value view views visibility was we website welcome were what when where which who will with
    within without write yes you your""".split()
)  # fmt: skip
# what keeps its English name, and the verbs of HTTP
NAMES = re.compile(
    r"Open Database License|Open Licence|Open License|Open Data|CC BY|« next »"
    r"|\b(eq|ne|gte?|in|null), .*"
)
ACRONYMS = {"GET", "POST"}
SILENT = "script style template code pre kbd samp svg math".split()
SAID_BY = "alt aria-label aria-description content data-content data-bs-content placeholder title"
# addresses, and identifiers: what has letters and figures (« 9419be4f » says no « be »)
NO_SENTENCE = re.compile(
    r"\S*[@/_=<>{}]\S*|\S*\w[.:]\w\S*|\b(?=[a-z-]*\d)(?=[\d-]*[a-z])[a-z\d-]{4,}\b"
)
WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
FRAME = "_stock.css"  # the sheet of templates/page.html, which is for the pages of extensions
PEOPLE = ("", "mairie", "agent", "responsable")
# a plain space, where a line may break, between a word and its sign
LOOSE = re.compile(r".{0,30}(?:[ \n]+[?!;:»](?!\S)|«[ \n])")
KEPT = {"code", "pre", "script", "style", "textarea", "kbd", "samp", "template", "svg"}
Pages = dict[str, dict[str, Any]]


def test_every_sentence_of_ckan_has_its_translation() -> None:
    catalogue = read_po(io.BytesIO(_of_ckan("ckan/i18n/fr/LC_MESSAGES/ckan.po").read_bytes()))
    ours = _translated()

    missing = [
        _first(message.id)
        for message in catalogue
        if message.id and not _first(message.string) and _first(message.id) not in ours
        and any(place.startswith(OF_CKAN) for place, _ in message.locations)
    ]  # fmt: skip

    assert missing == []


@pytest.mark.parametrize("name", EXTENSIONS)
def test_every_sentence_of_an_extension_has_its_translation(name: str) -> None:
    known = _translated() | {_first(each.id) for each in _of_ckan_in_french() if each.id}

    said = extract_from_dir(_of_ckan(f"ckanext/{name}"), READ_BY)

    found = {_first(message) for _, _, message, _, _ in said}
    assert found
    assert found - known - {""} == set()


def test_our_catalogue_is_compiled() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(OURS.read_bytes())))

    assert OURS.with_suffix(".mo").read_bytes() == compiled.getvalue(), (
        "pybabel compile -d ckanext-territoire/ckanext/territoire/i18n -D ckanext-territoire"
    )


def test_every_route_of_a_page_is_known_here(portal: Portal) -> None:
    assert len(every_page(portal)) > 150
    assert portal.unknown == []


@pytest.fixture(scope="module")
def pages(portal: Portal) -> Pages:
    """What each person reads: the pages by their answer and their address."""
    read: Pages = {}
    for person in PEOPLE:
        browser = Browser(portal.app)
        if person:
            browser.log_in(person)
        answers = (
            (address, browser.client.get(address, follow_redirects=False))
            for address in every_page(portal)
        )
        read[person] = {
            f"{answer.status_code} {address}": html.fromstring(answer.get_data())
            for address, answer in answers
            if answer.get_data() and answer.mimetype in ("text/html", "application/atom+xml")
        }
    return read


@pytest.mark.parametrize("person", PEOPLE)
def test_no_page_says_an_english_word(pages: Pages, person: str) -> None:
    said = {address: english_of(sentences(page)) for address, page in pages[person].items()}

    assert sum(address.startswith("200 ") for address in said) > 50
    assert {address: words for address, words in said.items() if words} == {}


@pytest.mark.parametrize("person", PEOPLE)
def test_no_page_stands_in_the_frame_of_ckan(pages: Pages, person: str) -> None:
    sheets = {at: " ".join(page.xpath("//link/@href")) for at, page in pages[person].items()}
    assert any("look" in listed for listed in sheets.values())
    assert [at for at, listed in sheets.items() if FRAME in listed] == []


@pytest.mark.parametrize("person", PEOPLE)
def test_no_line_of_a_page_begins_with_its_sign(pages: Pages, person: str) -> None:
    # a feed gives the text as its author wrote it: it is the reader's program that sets it
    shown = {address: page for address, page in pages[person].items() if ".atom" not in address}
    found = {address: loose_signs(page) for address, page in shown.items()}

    assert {address: places for address, places in found.items() if places} == {}


def test_a_loose_sign_is_found_where_people_read_it() -> None:
    page = "<p title='Où ?'>Où\xa0: là <b>non</b> !<code>a ? b</code> ; <i>« oui\xa0»</i></p>"

    assert loose_signs(html.fromstring(page)) == [" !", " ;", "« "]


def loose_signs(page: Any) -> list[str]:
    """The places where a line may break before a sign, or after a quotation mark."""
    texts = page.xpath("//text()[not(ancestor::head)]")
    return [
        place
        for text in texts
        if not KEPT & set(_above(text))
        for place in LOOSE.findall(str(text))
    ]


def _above(text: Any) -> Iterable[str]:
    """The elements around a text; what follows an element is not in it."""
    beside = text.getparent()
    first = beside.getparent() if text.is_tail else beside
    return [] if first is None else [first.tag, *(each.tag for each in first.iterancestors())]


def test_english_is_found_where_a_page_says_it() -> None:
    page = """<html lang="fr"><title>Users</title><p>Un titre <b>and more</b></p>
        <p lang="en">The end</p><code>the</code><input type="submit" value="Save">
        <a title="Edit" href="/edit"><img alt="Your file"></a><a href="x">https://the.fr/the</a>
        <p>Aucun abonnement « 421dcab538bc42349419be4fee1d6a6c » ni 3f-be-1 n’est à vous.</p>"""

    found = english_of(sentences(html.fromstring(page)))

    assert found == ["Edit", "Save", "Users", "Your file", "and more"]


def sentences(page: Any) -> Iterable[str]:
    """All that a page says in French: texts, and the attributes that are read to people."""
    for node in page.iter():
        if not isinstance(node.tag, str) or _is_set_apart(node):
            continue
        if node.tag not in SILENT:
            yield node.text or ""
        names = SAID_BY.split()
        if node.tag == "meta":
            names = ["content"] if node.get("name") == "description" else []
        elif node.tag == "input" and node.get("type") in ("submit", "button", "reset"):
            names.append("value")
        elif node.tag.endswith("link"):
            names.remove("title")
        yield from (node.get(name, "") for name in names)
        yield from (child.tail or "" for child in node if node.tag not in SILENT)
        yield from (value for name, value in node.items() if name.startswith("data-module-co"))


def english_of(said: Iterable[str]) -> list[str]:
    """The sentences with an English word; addresses, file names and code are no sentences."""
    texts = {" ".join(text.split()) for text in said}
    return sorted(
        text[:160]
        for text in texts
        if any(
            word.lower() in ENGLISH and word not in ACRONYMS
            for word in WORD.findall(NO_SENTENCE.sub(" ", NAMES.sub(" ", text)))
        )
    )


def _is_set_apart(node: Any) -> bool:
    """In another language, or not to be translated, as it says or as one around it says."""
    around = node.xpath("ancestor-or-self::*[@lang or @translate]")
    last = around[-1] if around else node
    in_silence = node.xpath(f"ancestor::*[{' or '.join(f'self::{tag}' for tag in SILENT)}]")
    in_silence += node.xpath("ancestor-or-self::table[contains(@class, 'diff')]")
    return bool(in_silence) or last.get("lang", "fr")[:2] != "fr" or last.get("translate") == "no"


def _translated() -> set[str]:
    return {
        _first(each.id)
        for each in read_po(io.BytesIO(OURS.read_bytes()))
        if each.id and each.string
    }


def _of_ckan_in_french() -> Any:
    return read_mo(io.BytesIO(_of_ckan("ckan/i18n/fr/LC_MESSAGES/ckan.mo").read_bytes()))


def _of_ckan(path: str) -> Path:
    package, _, rest = path.partition("/")
    if package == "ckanext":
        package, _, rest = f"ckanext.{rest.split('/')[0]}", "", ""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / rest


def _first(said: Any) -> str:
    """A sentence, or the singular of one with a plural."""
    return str(said if isinstance(said, str) else said[0])

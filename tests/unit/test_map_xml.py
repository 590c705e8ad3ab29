"""XML is read without danger: attacks are refused by a code, before anything of them is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvesters.errors import sentence
from harvesters.map.xml import name_of, parse_xml, read_xml, to_text, without_namespaces
from harvesters.model import Issue, Request, Response
from harvesters.sources import csw

LAUGHS = "".join(
    f'<!ENTITY l{n} "{"".join([f"&l{n - 1};"] * 10)}">' for n in range(1, 10)
)  # fmt: skip
ATTACKS = {
    "billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l9;</a>',
    "laughs in an attribute": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a b="&l9;"/>',
    "quadratic growth": f'<!DOCTYPE a [<!ENTITY x "{"y" * 50_000}">]><a>{"&x;" * 5_000}</a>',
    "a file": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "a site": '<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:1/">]><a>&x;</a>',
    "an external DTD": '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
    "a parameter entity": '<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]><a/>',
    "a harmless DTD": "<!DOCTYPE a><a/>",
    "behind a comment": "<!-- <a> --><?x y?>\n<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
}


def answer(body: bytes, url: str = "https://geo.exemple.fr/csw") -> Response:
    return Response(Request(url), url, 200, {}, body)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_a_document_type_is_refused_whatever_it_does(attack: str, encoding: str) -> None:
    told = encoding.removesuffix("-sig").removesuffix("-le")
    body = f'<?xml version="1.0" encoding="{told}"?>{attack}'.encode(encoding)
    found = parse_xml(body)
    assert isinstance(found, Issue)
    # UTF-16 without its mark is no XML for expat: unreadable is as good as refused
    assert found.code in ("TER-VAL-060", "TER-VAL-001")
    assert found.code == "TER-VAL-060" or encoding == "utf-16-le"


@pytest.mark.parametrize("encoding", ["utf-7", "utf-32", "ebcdic-cp-fr", "x-nobody"])
def test_an_encoding_that_hides_a_document_type_is_not_read(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?>{ATTACKS["a file"]}'.encode()
    found = parse_xml(body)
    assert isinstance(found, Issue)


def test_the_sentence_says_where_and_that_nothing_is_withdrawn() -> None:
    found = read_xml(answer(ATTACKS["billion laughs"].encode()))
    assert isinstance(found, Issue)
    assert "https://geo.exemple.fr/csw" in sentence(found)
    assert sentence(found).endswith("Rien n’est retiré.")


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_a_catalogue_that_attacks_gives_no_record_and_stops(attack: str) -> None:
    page = csw.read(answer(attack.encode()), csw.Config("https://geo.exemple.fr/csw"))
    assert page.records == ()
    assert [issue.code for issue in page.issues] == ["TER-VAL-060"]


def test_an_undeclared_entity_is_unreadable_and_never_looked_up() -> None:
    found = parse_xml(b"<a>&passwd;</a>")
    assert isinstance(found, Issue)
    assert found.code == "TER-VAL-001"


def test_too_deep_a_nesting_is_unreadable_and_breaks_nothing() -> None:
    found = parse_xml(b"<a>" * 100_000 + b"</a>" * 100_000)
    assert isinstance(found, Issue)


@pytest.mark.parametrize("body", [b"", b" \n", b"\0" * 40])
def test_an_empty_answer_is_said_empty(body: bytes) -> None:
    found = read_xml(answer(body))
    assert isinstance(found, Issue)
    assert (found.code, found.found) == ("TER-VAL-001", "une réponse vide")


def test_a_web_page_is_named() -> None:
    found = read_xml(answer(b"<!DOCTYPE html><html><body>Maintenance</body></html>"))
    assert isinstance(found, Issue)
    assert found.code == "TER-VAL-002"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-15", "windows-1252"])
def test_each_declared_encoding_of_french_catalogues_is_read(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?><a>Acigné</a>'.encode(encoding)
    assert parse_xml(body).text == "Acigné"


def test_comments_and_instructions_are_left_out_and_names_lose_their_namespace() -> None:
    root = parse_xml(b'<x:a xmlns:x="urn:x"><!-- no --><?pi no?><x:b>1</x:b>2</x:a>')
    assert name_of(root) == "a"
    assert to_text(root[0]) == '<x:b xmlns:x="urn:x">1</x:b>'
    assert [each.tag for each in without_namespaces(root).iter()] == ["a", "b"]


def test_every_real_record_of_the_shared_catalogues_is_read(shared_data: Path) -> None:
    files = [*(shared_data / "catalogues" / "csw").glob("*.xml"),
             *(shared_data / "catalogues" / "iso").glob("*.xml")]  # fmt: skip
    assert len(files) == 19
    assert [file.name for file in files if isinstance(parse_xml(file.read_bytes()), Issue)] == []

"""The signed end of a link's address, and what the letters that carry it say."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable

import pytest
from itsdangerous import Signer
from itsdangerous.encoding import base64_decode, base64_encode

from ckanext.territoire.links.letter import Letter, subject_of, to_html, to_text
from ckanext.territoire.links.letters import Facts, invitation, repair, waiting
from ckanext.territoire.links.model import Kind
from ckanext.territoire.links.token import read_token, to_token

Write = Callable[[Facts], Letter]
SECRET = "un-secret-du-site"
LINK = "6a3f6c1e-9f3c-4f0b-8f57-2f2f8f1c0a11"
TOLD = Facts(
    site="Territoire", place="Acigné", theme="Arbres", until="24 décembre 2026",
    address="https://donnees.exemple.fr/reparer/abc.def", contact="Service des données, 02 99",
    good=1204, bad=2, file_name="arbres.csv",
)  # fmt: skip


@pytest.mark.parametrize("kind", Kind)
def test_a_token_gives_back_the_link_that_it_was_made_for(kind: Kind) -> None:
    assert read_token(to_token(LINK, kind, SECRET), kind, SECRET) == LINK


def test_a_token_holds_the_id_of_the_link_and_nothing_else() -> None:
    value, _ = to_token(LINK, Kind.REPAIR, SECRET).split(".")
    assert base64_decode(value) == uuid.UUID(LINK).bytes


def test_a_token_stands_in_an_address_as_it_is() -> None:
    assert set(to_token(LINK, Kind.REPAIR, SECRET)) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    )


@pytest.mark.parametrize(("kind", "other"), [tuple(Kind), tuple(reversed(Kind))])
def test_a_token_of_one_purpose_opens_no_other(kind: Kind, other: Kind) -> None:
    assert read_token(to_token(LINK, kind, SECRET), other, SECRET) is None


def test_a_token_of_another_site_opens_nothing() -> None:
    assert read_token(to_token(LINK, Kind.REPAIR, "autre-secret"), Kind.REPAIR, SECRET) is None


def test_a_token_whose_id_is_changed_opens_nothing() -> None:
    _, signature = to_token(LINK, Kind.REPAIR, SECRET).split(".")
    other = base64_encode(uuid.uuid4().bytes).decode()
    assert read_token(f"{other}.{signature}", Kind.REPAIR, SECRET) is None


def test_no_letter_of_a_token_can_be_changed() -> None:
    token = to_token(LINK, Kind.REPAIR, SECRET)
    body = token[:-1]  # the last letter of base64 carries bits that mean nothing
    for at, letter in enumerate(body):
        changed = token[:at] + ("A" if letter != "A" else "B") + token[at + 1 :]
        assert read_token(changed, Kind.REPAIR, SECRET) is None, at


@pytest.mark.parametrize(
    "text", ["", ".", "abc", "é.è", "a" * 10_000, LINK, "..", "\x00", f"{LINK}.x", "%2e%2e/"]
)
def test_any_text_may_be_asked(text: str) -> None:
    assert read_token(text, Kind.REPAIR, SECRET) is None


def test_what_is_signed_but_is_no_id_opens_nothing() -> None:
    signer = Signer(
        SECRET, salt="territoire.link.repair", key_derivation="hmac", digest_method=hashlib.sha256
    )
    assert read_token(signer.sign(b"court").decode(), Kind.REPAIR, SECRET) is None


@pytest.mark.parametrize("write", [invitation, repair, waiting])
@pytest.mark.parametrize("shape", [to_text, to_html])
def test_a_letter_holds_its_address_whole_and_says_who_and_what(
    write: Write, shape: Callable[[Letter], str]
) -> None:
    text = shape(write(TOLD))
    assert TOLD.address in text
    assert "Acigné" in text
    assert "Arbres" in text


@pytest.mark.parametrize("write", [invitation, repair])
def test_a_letter_to_the_commune_says_until_when_and_whom_to_ask(write: Write) -> None:
    text = to_text(write(TOLD))
    assert "24 décembre 2026" in text
    assert "Service des données, 02 99" in text


def test_a_repair_letter_counts_in_french() -> None:
    text = to_text(repair(TOLD)).replace("\u202f", " ").replace("\xa0", " ")
    assert "1 204 lignes sont en ligne" in text
    assert "2 lignes attendent une correction" in text
    assert "2 lignes à corriger" in subject_of(repair(TOLD)).replace("\xa0", " ")


def test_a_title_with_line_ends_stays_one_subject() -> None:
    letter = Letter("Arbres\r\nBcc: autre@exemple.fr\n\nCorps", ())
    assert subject_of(letter) == "Arbres Bcc: autre@exemple.fr Corps"


def test_markup_in_a_title_is_text_in_the_letter() -> None:
    hostile = Facts(site="S", place="<b>A</b>", theme='"><script>', address='https://a.fr/"><i>')
    html = to_html(invitation(hostile))
    assert "<b>A" not in html
    assert "<script>" not in html
    assert "<i>" not in html

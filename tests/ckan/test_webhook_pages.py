"""The pages of subscribed addresses, as a start-up and its neighbours use them."""

from __future__ import annotations

from typing import Any

import pytest

from ckanext.territoire.webhooks.worker import deliver_round
from tests.ckan.form_browser import Browser, Page
from tests.ckan.webhook_receiver import Receiver, dataset, receiver

__all__ = ["receiver"]
LIST = "/developpeurs/abonnements"


def signed_in(app: Any, name: str) -> Browser:
    browser = Browser(app)
    browser.log_in(name)
    return browser


def text(page: Page) -> str:
    said = " ".join(page.tree.xpath("//main")[0].text_content().split())
    return said.replace("\u202f", " ").replace("\xa0", " ")


def press(browser: Browser, page: Page, end: str, **typed: str) -> Page:
    form = next(each for each in page.tree.forms if (each.action or "").endswith(end))
    return browser.send(page, form, typed)


def subscribed(app: Any, receiver: Receiver) -> tuple[Browser, Page]:
    browser = signed_in(app, "lectrice")
    page = browser.open(LIST)
    made = press(browser, page, "/abonnements", url=f"http://{receiver.host}/", kind="all")
    return browser, made


def address_of(page: Page) -> str:
    [form] = [each.action for each in page.tree.forms if (each.action or "").endswith("/supprimer")]
    return str(form).removesuffix("/supprimer")


def test_an_address_is_subscribed_verified_told_and_asked_again(
    app: Any, receiver: Receiver
) -> None:
    browser, made = subscribed(app, receiver)
    [secret] = made.tree.xpath('//input[@id="secret"]/@value')
    assert secret.startswith("whsec_")
    path = address_of(made)
    assert secret not in browser.open(path).text

    page = press(browser, browser.open(path), "/verify")
    assert "Adresse vérifiée" in page.text
    dataset("arbres")
    deliver_round()
    page = browser.open(path)
    assert "Catalogue 1 changement" in text(page)
    assert "réponse 204" in text(page)
    assert "cet envoi repart" in press(browser, page, "/resend").text
    deliver_round()
    assert len(receiver.received) == 2

    assert "en pause" in text(press(browser, browser.open(path), "/pause"))
    assert "repris" in press(browser, browser.open(path), "/resume").text
    turned = press(browser, browser.open(path), "/secret")
    assert turned.tree.xpath('//input[@id="secret"]/@value') != [secret]
    assert "accepté jusqu’au" in text(turned)
    assert "Aucune adresse" in text(press(browser, browser.open(path), "/supprimer"))


def test_a_secret_is_kept_by_no_browser(app: Any, receiver: Receiver) -> None:
    browser = signed_in(app, "lectrice")
    page = browser.open(LIST)
    form = next(each for each in page.tree.forms if (each.action or "").endswith("/abonnements"))
    values = dict(form.form_values()) | {"url": f"http://{receiver.host}/", "kind": "all"}
    answer = browser.client.post(LIST, data=values)
    assert "whsec_" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_an_address_that_does_not_answer_says_so_and_stays_to_be_verified(
    app: Any, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, made = subscribed(app, receiver)
    monkeypatch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", "")
    page = press(browser, browser.open(address_of(made)), "/verify")
    assert "TER-FET-030" in text(page) or "TER-FET-030" in page.text
    assert "à vérifier" in text(page)


def test_a_wrong_wish_is_told_beside_the_form(app: Any, receiver: Receiver) -> None:
    browser = signed_in(app, "lectrice")
    page = browser.open(LIST)
    typed = {"url": "http://exemple.fr/", "kind": "dataset", "of_dataset": "nulle-part"}
    again = press(browser, page, "/abonnements", **typed)
    assert "TER-FET-030" in text(again)
    assert again.tree.xpath('//input[@name="url"]/@value') == ["http://exemple.fr/"]


def test_the_page_of_another_is_not_found_and_a_visitor_signs_in(
    app: Any, receiver: Receiver
) -> None:
    _, made = subscribed(app, receiver)
    path = address_of(made)
    assert signed_in(app, "voisine").open(path).status == 404
    assert Browser(app).open(path).url == "/user/login"

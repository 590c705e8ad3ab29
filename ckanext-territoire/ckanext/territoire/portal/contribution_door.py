"""What the forms of contributions share: they are kept from robots without asking people anything.

A field that people do not see, the token of the form, a limit of an hour for each visitor, and one
for each address of mail, so that nobody's letter box can be filled from here.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ckan.plugins import toolkit
from flask import Response, make_response, request

from ckanext.territoire.links import mail, throttle
from ckanext.territoire.portal.visitor import visitor
from harvesters.errors import sentence
from harvesters.model import Issue

TRAP = "site_web"  # hidden from people: only robots fill it
SENT, LETTERS, HOUR_S = 10, 3, 3600
THANKS = "Merci. Votre texte sera lu avant d’être montré ; vous saurez ce qu’il devient."
TO_CONFIRM = (
    "Merci. Ouvrez le courriel que nous vous envoyons et confirmez dans les deux jours : votre"
    " texte sera alors lu."
)
Errors = dict[str, list[str]]


def is_robot() -> bool:
    """Say whether the field that people do not see was filled."""
    return bool(request.form.get(TRAP))


def wait_s() -> int:
    """Count one sending; answer after how many seconds to come back, 0 for now."""
    wait = throttle.wait_s((f"contribution {visitor()}",), time.time(), SENT, HOUR_S)
    address = request.form.get("email", "").strip().casefold()
    if wait or not address or toolkit.g.user:
        return wait
    return throttle.wait_s((f"letter {address}",), time.time(), LETTERS, HOUR_S)


def send(action: str, data: Mapping[str, Any]) -> tuple[dict[str, Any] | None, Errors]:
    """Keep what a form says, as the account at work or as nobody; answers why it is not."""
    if not toolkit.g.user and not mail.is_configured():
        return None, {"email": [said(sentence(Issue("TER-API-256")))]}
    # these pages are the door of those who have no account
    context = {"user": toolkit.g.user, "ignore_auth": not toolkit.g.user}
    try:
        return toolkit.get_action(action)(context, dict(data)), {}
    except toolkit.ValidationError as fault:
        return None, to_errors(fault)


def thank(made: Mapping[str, Any] | None) -> None:
    """Say what happens next; a robot is thanked like everybody."""
    is_waiting = made is None or made["state"] == "waiting"
    toolkit.h.flash_success(THANKS if is_waiting else TO_CONFIRM)


def to_errors(fault: toolkit.ValidationError) -> Errors:
    """The refusals of a form as sentences of a page, by field."""
    return {
        str(name): [said(str(text)) for text in (texts if isinstance(texts, list) else [texts])]
        for name, texts in fault.error_dict.items()
    }


def said(text: str) -> str:
    """A refusal without its code, as a sentence of a page."""
    told = text.split(" : ", 1)[-1]
    return told[:1].upper() + told[1:]


def answered(template: str, shown: Mapping[str, Any], wait: int = 0) -> str | Response:
    """Show a form; to who sends too much, when to come back."""
    common = {"trap": TRAP, "may_send": bool(toolkit.g.user) or mail.is_configured()}
    page = toolkit.render(template, {**common, **shown})
    if not wait:
        return page
    answer = make_response(page)
    answer.status_code = 429
    answer.headers["Retry-After"] = str(wait)
    return answer


def too_fast() -> Errors:
    """What is said to who sends too much."""
    return {"": [said(sentence(Issue("TER-API-124")))]}

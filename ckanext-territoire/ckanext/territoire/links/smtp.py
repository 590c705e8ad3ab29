"""Hand one letter to the mail server of the operator, within seconds.

CKAN's own mailer waits for ever for a server that does not answer and hides why a recipient was
refused. Settings are CKAN's: `smtp.server` (host or host:port), `smtp.starttls`, `smtp.user`,
`smtp.password`, `smtp.mail_from`, `smtp.reply_to`.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from urllib.parse import urlsplit

from ckan.plugins import toolkit

from ckanext.territoire.links.letter import Letter, subject_of, to_html, to_text

TIMEOUT_S = 10
# what a server says of an address that does not exist or no longer takes mail; its policy (5.7.x)
# and a full box (552) say nothing of the kind
DEAD = frozenset({550, 551, 553})
POLICY = re.compile(r"\b5\.[3-7]\.\d+")


class Undelivered(Exception):
    """A letter that was not taken. `is_dead`: the address is refused for good."""

    def __init__(self, why: str, is_dead: bool = False) -> None:
        super().__init__(why)
        self.is_dead = is_dead


def deliver(address: str, letter: Letter, headers: Mapping[str, str]) -> None:
    """Send a letter to one address; `Undelivered` when the server has not taken it."""
    message = to_message(address, letter, headers)
    try:
        with _server() as server:
            server.send_message(message, to_addrs=[address])
    except smtplib.SMTPRecipientsRefused as fault:
        code, told = fault.recipients[address]
        raise Undelivered(f"recipient {code}", is_dead_address(code, told)) from fault
    except (OSError, ValueError) as fault:
        # smtplib's own exceptions are OSError; none of them holds the letter
        raise Undelivered(type(fault).__name__) from fault


def is_dead_address(code: int, told: bytes) -> bool:
    """Say whether a refusal at RCPT is about the address itself, for good.

    >>> is_dead_address(550, b"5.1.1 no such user"), is_dead_address(550, b"5.7.1 relay denied")
    (True, False)
    """
    return code in DEAD and not POLICY.search(told.decode("utf-8", "replace"))


def to_message(address: str, letter: Letter, headers: Mapping[str, str]) -> EmailMessage:
    """Write a letter with its headers: a line end in any of them is a `ValueError`."""
    message = EmailMessage()
    message.set_content(to_text(letter), cte="base64")
    message.add_alternative(to_html(letter), subtype="html", cte="base64")
    message["Subject"] = subject_of(letter)
    message["From"] = formataddr((_told("ckan.site_title"), _told("smtp.mail_from")))
    message["To"] = address
    message["Date"] = format_datetime(datetime.now(UTC))
    if reply_to := _told("smtp.reply_to"):
        message["Reply-To"] = reply_to
    for name, value in headers.items():
        message[name] = value
    return message


def _server() -> smtplib.SMTP:
    where = urlsplit(f"//{_told('smtp.server').removeprefix('smtp://')}")
    server = smtplib.SMTP(where.hostname or "", where.port or 0, timeout=TIMEOUT_S)
    try:
        if toolkit.asbool(toolkit.config.get("smtp.starttls")):
            server.starttls()
        if user := _told("smtp.user"):
            server.login(user, _told("smtp.password"))
    except OSError:
        server.close()
        raise
    return server


def _told(key: str) -> str:
    return str(toolkit.config.get(key) or "")

"""Send letters by CKAN’s mailer. A mail that does not leave is said; the link stays copyable."""

from __future__ import annotations

import logging

from ckan.lib import mailer
from ckan.plugins import toolkit

from ckanext.territoire.links.letters import Letter, subject_of, to_html, to_text
from harvesters.model import Issue

log = logging.getLogger(__name__)
# an absent person does not answer these letters with another one
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


def is_configured() -> bool:
    """Say whether the operator has said where mail leaves, and from whom."""
    return bool(toolkit.config.get("smtp.server") and toolkit.config.get("smtp.mail_from"))


def to_address(text: str) -> str:
    """Check an address of mail and strip it; `""` stays empty. An invalid one is `Invalid`."""
    address = text.strip()
    return str(toolkit.get_validator("email_validator")(address, {})) if address else ""


def send(address: str, letter: Letter) -> Issue | None:
    """Send a letter to one address; `None` when it has left, else why it has not.

    The subject is one line and the address one address: neither can add a header.
    """
    if not is_configured():
        return Issue("TER-CFG-130")
    try:
        mailer.mail_recipient(
            "", to_address(address), subject_of(letter), to_text(letter), to_html(letter), HEADERS
        )
    except (mailer.MailerException, toolkit.Invalid, OSError, ValueError) as fault:
        # smtplib's own exceptions are OSError; none of them holds the letter
        log.warning("a letter could not be sent: %s", type(fault).__name__)
        return Issue("TER-CFG-131", found=address)
    return None

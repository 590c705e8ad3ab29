"""Send letters. A mail that does not leave is said; a dead address is written to no more."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from ckan.plugins import toolkit

from ckanext.territoire.links import addresses, smtp
from ckanext.territoire.links.letter import Letter
from harvesters.model import Issue

log = logging.getLogger(__name__)
# an absent person does not answer these letters with another one
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
DEAD, PAUSED = "TER-CFG-150", "TER-CFG-151"


def is_configured() -> bool:
    """Say whether the operator has said where mail leaves, and from whom."""
    return bool(toolkit.config.get("smtp.server") and toolkit.config.get("smtp.mail_from"))


def to_address(text: str) -> str:
    """Check an address of mail and strip it; `""` stays empty. An invalid one is `Invalid`."""
    address = text.strip()
    return str(toolkit.get_validator("email_validator")(address, {})) if address else ""


def send(address: str, letter: Letter, headers: Mapping[str, str] | None = None) -> Issue | None:
    """Send a letter to one address; `None` when it has left, else why it has not.

    The subject is one line and the address one address: neither can add a header. An address that
    its server refuses for good is paused, and becomes a task of the EPCI.
    """
    if not is_configured():
        return Issue("TER-CFG-130")
    if addresses.is_paused(address):
        return Issue(PAUSED, found=address)
    try:
        smtp.deliver(to_address(address), letter, HEADERS | dict(headers or {}))
    except toolkit.Invalid:
        return Issue("TER-CFG-131", found=address)
    except smtp.Undelivered as fault:
        log.warning("a letter could not be sent: %s", fault)
        if not fault.is_dead:
            return Issue("TER-CFG-131", found=address)
        addresses.pause(address, addresses.Why.REFUSED)
        return Issue(DEAD, found=address)
    return None

"""Whom a request comes from, to slow down who asks too fast. It is hashed before it is kept."""

from __future__ import annotations

from ipaddress import ip_address

from flask import request


def visitor() -> str:
    """The address of the visitor: behind a proxy of this machine, the one that it names last."""
    return address_of(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""))


def address_of(peer: str, forwarded: str) -> str:
    """The address of a visitor, from that of who speaks to us and from what a proxy has named.

    >>> address_of("127.0.0.1", "203.0.113.9, 192.0.2.7"), address_of("192.0.2.1", "203.0.113.9")
    ('192.0.2.7', '192.0.2.1')
    """
    named = forwarded.rsplit(",", 1)[-1].strip()
    try:
        return named if named and ip_address(peer).is_loopback else peer
    except ValueError:
        return peer

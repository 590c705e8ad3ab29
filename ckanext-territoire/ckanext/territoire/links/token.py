"""The signed end of an address: it holds an id and nothing else.

The signature is bound to the site's secret and to what the address is for: the token of a repair is
no token of a deposit. Expiry and revocation stand in the database.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from ckanext.territoire.links.model import Kind


def to_token(link_id: str, kind: Kind, secret: str) -> str:
    """Sign the id of a link."""
    return sign(UUID(link_id).bytes, f"link.{kind.value}", secret)


def read_token(token: str, kind: Kind, secret: str) -> str | None:
    """Read the id of a link; `None` when the token was not signed here for this kind."""
    value = unsign(token, f"link.{kind.value}", secret)
    return str(UUID(bytes=value)) if value is not None and len(value) == 16 else None


def sign(value: bytes, purpose: str, secret: str) -> str:
    """Sign a value for a purpose; what comes out stands in an address as it is."""
    return _signer(purpose, secret).sign(base64_encode(value)).decode()


def unsign(token: str, purpose: str, secret: str) -> bytes | None:
    """Read a signed value; `None` when it was not signed here for this purpose."""
    try:
        return base64_decode(_signer(purpose, secret).unsign(token))
    except (BadData, ValueError):
        return None


def _signer(purpose: str, secret: str) -> Signer:
    return Signer(
        secret,
        salt=f"territoire.{purpose}",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )

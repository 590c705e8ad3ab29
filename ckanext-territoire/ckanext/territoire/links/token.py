"""The signed end of a link's address: it holds the link's id and nothing else.

The signature is bound to the site's secret and to what the link is for: the token of a repair is
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
    return _signer(kind, secret).sign(base64_encode(UUID(link_id).bytes)).decode()


def read_token(token: str, kind: Kind, secret: str) -> str | None:
    """Read the id of a link; `None` when the token was not signed here for this kind."""
    try:
        return str(UUID(bytes=base64_decode(_signer(kind, secret).unsign(token))))
    except (BadData, ValueError):
        return None


def _signer(kind: Kind, secret: str) -> Signer:
    return Signer(
        secret,
        salt=f"territoire.link.{kind.value}",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )

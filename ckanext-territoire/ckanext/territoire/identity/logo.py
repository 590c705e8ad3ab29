"""The logo of the EPCI: decoded and written anew for the header and the tab of browsers. Pure.

A logo keeps its paper: drawn for white sheets, it would vanish on the dark theme without it.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from PIL import Image, ImageOps

from ckanext.territoire.picture import GROUND, to_pictures

SIDE, ICON = 480, 64


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo ready to be served: WebP of `width` × `height` pixels, and a square PNG."""

    sha256: str
    content: bytes
    icon: bytes
    width: int
    height: int


def to_logo(content: bytes) -> Logo:
    """Read what an officer has sent; `Refused` says why it is no logo (TER-API-245 to 247)."""
    [picture] = to_pictures(content, (SIDE,))
    digest = hashlib.sha256(picture.content).hexdigest()
    return Logo(digest, picture.content, _icon(picture.content), picture.width, picture.height)


def _icon(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content), formats=("WEBP",)) as opened:
        square = ImageOps.pad(opened.convert("RGB"), (ICON, ICON), color=GROUND)
    out = io.BytesIO()
    square.save(out, "PNG", optimize=True)
    return out.getvalue()

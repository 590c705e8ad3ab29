"""A picture that somebody sends, decoded for real and written anew. Pure.

What comes out is WebP within bounds, upright, and carries nothing of what came in but its pixels:
no place, no name of a camera, no comment, no second image behind the first. SVG is a program more
than a picture and is refused with all that is not PNG, JPEG or WebP; so is what would fill the
memory once decoded, before it is.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from harvesters.errors import Refused
from harvesters.model import Issue

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_BYTES = 8_000_000
MAX_PIXELS = 30_000_000  # 90 MB once decoded
MIN_SIDE = 64
QUALITY = 80
MEGA = 1_000_000
GROUND = (250, 246, 238)  # what shows through what is transparent: the paper of the pages
FAULTS = (
    UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError,
    EOFError, OverflowError, MemoryError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture ready to be served: WebP, `width` × `height` pixels."""

    content: bytes
    width: int
    height: int


def to_pictures(content: bytes, sides: tuple[int, ...]) -> tuple[Picture, ...]:
    """Decode a picture and write it once for each longest side, in pixels; never larger than it
    came. `Refused` says why it cannot be (TER-API-245 to 247)."""
    if len(content) > MAX_BYTES:
        raise Refused(Issue("TER-API-246", expected=str(MAX_BYTES // MEGA)))
    try:
        whole = _decode(content)
        return tuple(_encode(whole, side) for side in sides)
    except FAULTS as fault:
        raise Refused(Issue("TER-API-245")) from fault


def _decode(content: bytes) -> Image.Image:
    """Read the first image of a file, upright, on the paper of the pages."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        width, height = opened.size
        if width * height > MAX_PIXELS:
            most = f"{MAX_PIXELS // MEGA} millions au plus"
            raise Refused(Issue("TER-API-247", found=f"{width} × {height}", expected=most))
        if min(width, height) < MIN_SIDE:
            least = f"{MIN_SIDE} de côté au moins"
            raise Refused(Issue("TER-API-247", found=f"{width} × {height}", expected=least))
        opened.load()
        upright = ImageOps.exif_transpose(opened)
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    layer = upright.convert("RGBA")
    ground = Image.new("RGB", layer.size, GROUND)
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def _encode(whole: Image.Image, side: int) -> Picture:
    shown = whole.copy()
    shown.thumbnail((side, side), Image.Resampling.LANCZOS)
    shown.info.clear()  # colour profiles and comments would be written along
    out = io.BytesIO()
    shown.save(out, "WEBP", quality=QUALITY, method=4)
    return Picture(out.getvalue(), *shown.size)

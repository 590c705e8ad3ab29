"""A picture that somebody sends is decoded and written anew, or refused with a reason."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from ckanext.territoire.picture import MAX_BYTES, to_pictures
from harvesters.errors import Refused

ORIENTATION, GPS = 0x0112, 0x8825


def file_of(picture: Image.Image, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def red(width: int = 200, height: int = 100, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (width, height), "red")


def header_of_png(width: int, height: int) -> bytes:
    """A PNG that says a size, and holds nothing of it."""
    told = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + told + struct.pack(">I", zlib.crc32(told))
    return b"\x89PNG\r\n\x1a\n" + chunk


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_written_anew_once_for_each_side(kind: str) -> None:
    large, small = to_pictures(file_of(red(2000, 1000), kind), (960, 480))
    assert (large.width, large.height, small.width, small.height) == (960, 480, 480, 240)
    assert opened(large.content).format == opened(small.content).format == "WEBP"
    assert opened(large.content).size == (960, 480)


def test_a_small_picture_is_not_blown_up() -> None:
    [same] = to_pictures(file_of(red(200, 100), "PNG"), (960,))
    assert (same.width, same.height) == (200, 100)


def test_what_a_picture_carries_beside_its_pixels_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010E] = "CANARI"
    exif.get_ifd(GPS)[1] = "N"
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", "CANARI")
    jpeg = file_of(red(), "JPEG", exif=exif, comment=b"CANARI", icc_profile=b"CANARI" * 30)
    png = file_of(red(), "PNG", pnginfo=told) + b"CANARI behind the end"
    for sent in (jpeg, png):
        assert b"CANARI" in sent
        [clean] = to_pictures(sent, (960,))
        assert b"CANARI" not in clean.content
        assert not opened(clean.content).getexif()
        assert not {"icc_profile", "exif", "xmp", "comment"} & set(opened(clean.content).info)


def test_a_picture_that_was_taken_sideways_stands_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    [upright] = to_pictures(file_of(red(200, 100), "JPEG", exif=exif), (960,))
    assert (upright.width, upright.height) == (100, 200)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_shows_the_paper_of_the_pages(mode: str) -> None:
    clear = Image.new("RGBA", (100, 100), (0, 0, 0, 0)).convert(mode)
    sent = file_of(clear, "PNG", **({"transparency": 0} if mode == "P" else {}))
    [shown] = to_pictures(sent, (960,))
    pixel = opened(shown.content).convert("RGB").getpixel((50, 50))
    assert all(abs(got - wanted) < 8 for got, wanted in zip(pixel, (250, 246, 238), strict=True))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "TER-API-245"),
        (b"GIF89a", "TER-API-245"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "TER-API-245"),
        (file_of(red(), "GIF"), "TER-API-245"),
        (file_of(red(), "BMP"), "TER-API-245"),
        (file_of(red(), "JPEG")[:400], "TER-API-245"),
        (file_of(red(), "PNG")[:60], "TER-API-245"),
        (header_of_png(100, 100), "TER-API-245"),
        (b"\xff\xd8\xff" + b"\0" * 1000, "TER-API-245"),
        (file_of(red(), "PNG") + b"\0" * MAX_BYTES, "TER-API-246"),
        (header_of_png(60_000, 60_000), "TER-API-245"),
        (file_of(Image.new("1", (10_000, 4_000)), "PNG"), "TER-API-247"),
        (file_of(red(63, 200), "PNG"), "TER-API-247"),
    ],
)
def test_what_is_no_picture_or_too_much_of_one_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as told:
        to_pictures(content, (960,))
    assert told.value.issue.code == code


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = file_of(Image.new("1", (9_000, 9_000)), "PNG")
    assert len(bomb) < 100_000
    decoded = []
    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", decoded.append)
    with pytest.raises(Refused):
        to_pictures(bomb, (960,))
    assert decoded == []


def test_only_the_first_image_of_several_is_taken() -> None:
    second = Image.new("RGB", (200, 100), "blue")
    sent = file_of(red(), "WEBP", save_all=True, append_images=[second], duration=100)
    [first] = to_pictures(sent, (960,))
    shown = opened(first.content)
    assert getattr(shown, "n_frames", 1) == 1
    assert shown.convert("RGB").getpixel((50, 50))[0] > 200

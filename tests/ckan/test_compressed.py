"""What pages load leaves compressed, once and for who takes it; nothing else does."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

MAP = "/vendor/maplibre/maplibre-gl.mjs"
GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize("path", [MAP, "/vendor/maplibre/maplibre-gl.css"])
def test_a_large_file_leaves_at_a_third_of_its_size_and_is_the_same(app: Any, path: str) -> None:
    plain = app.get(path, headers={"Accept-Encoding": "identity"})
    packed = app.get(path, headers=GZIP)

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 3
    assert gzip.decompress(packed.data) == plain.data
    assert packed.content_length == len(packed.data)
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert packed.mimetype == plain.mimetype


def test_a_form_that_the_reader_has_is_not_sent_again(app: Any) -> None:
    for headers in (GZIP, {"Accept-Encoding": "identity"}):
        tag = app.get(MAP, headers=headers).headers["ETag"]
        again = app.get(MAP, headers={**headers, "If-None-Match": tag}, status=304)
        assert again.data == b""


def test_a_part_of_a_file_is_that_of_the_file(app: Any) -> None:
    whole = app.get(MAP, headers={"Accept-Encoding": "identity"}).data
    part = app.get(MAP, headers={**GZIP, "Range": "bytes=0-99"}, status=206)
    assert part.data == whole[:100]
    assert "Content-Encoding" not in part.headers


@pytest.mark.parametrize(
    "path",
    ["/user/login", "/vendor/fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2"],
)
def test_pages_with_a_token_and_what_is_packed_already_stay_as_they_are(
    app: Any, path: str
) -> None:
    assert "Content-Encoding" not in app.get(path, headers=GZIP).headers

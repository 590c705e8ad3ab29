"""Scripts, styles and drawings leave compressed for who takes gzip; each file is compressed once.

Fonts and pictures are compressed already. Pages are left as they are: they hold the token of their
forms, which the size of a compressed answer would let somebody guess.
"""

from __future__ import annotations

import gzip
from collections import OrderedDict

from ckan.types import Response
from flask import Blueprint, request

from ckanext.territoire.api.edge import accepts_gzip

compressed = Blueprint("territoire_compressed", __name__)
FILES = ("static", "webassets.index")
TYPES = frozenset({
    "text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/json",
})  # fmt: skip
MIN_BYTES, MAX_BYTES = 1_400, 8_000_000
LEVEL = 9
KEPT = 40  # files: all that pages load, some 2 MB
_PACKED: OrderedDict[tuple[str, str], bytes] = OrderedDict()


@compressed.after_app_request
def compress(answer: Response) -> Response:
    """Give the compressed form of a file, under a tag of its own."""
    if request.endpoint not in FILES or answer.mimetype not in TYPES:
        return answer
    answer.vary.add("Accept-Encoding")
    tag, size = answer.get_etag()[0], answer.content_length or 0
    is_whole = answer.status_code == 200 and "Content-Encoding" not in answer.headers
    if not (is_whole and tag and MIN_BYTES <= size <= MAX_BYTES and accepts_gzip()):
        return answer
    answer.direct_passthrough = False
    answer.set_data(_packed(tag, answer))
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers.pop("Accept-Ranges", None)
    answer.set_etag(f"{tag}-gzip")
    answer.make_conditional(request)
    return answer


def _packed(tag: str, answer: Response) -> bytes:
    """The compressed bytes of a file, kept until it changes."""
    key = (request.path, tag)
    found = _PACKED.get(key)
    if found is None:
        found = gzip.compress(answer.get_data(), LEVEL, mtime=0)
        _PACKED[key] = found
        while len(_PACKED) > KEPT:
            _PACKED.popitem(last=False)
    else:
        answer.close()
    return found

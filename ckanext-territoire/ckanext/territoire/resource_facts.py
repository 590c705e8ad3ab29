"""Facts about a file that stop being true when the file is replaced."""

from __future__ import annotations

from typing import Any

FACTS = ("hash", "size", "mimetype", "last_modified")


def drop_stale_facts(current: dict[str, Any], new: dict[str, Any]) -> None:
    """Empty what was known of the former file, in place, unless the caller says it anew.

    An absent fact would keep its former value: CKAN stores only what it is given. An upload
    measures the size and the type by itself, so long as they are absent.
    """
    is_upload = bool(getattr(new.get("upload"), "filename", ""))
    if not is_upload and new.get("url") == current.get("url"):
        return
    for fact in FACTS:
        if str(new.get(fact) or "") in {"", str(current.get(fact) or "")}:
            new[fact] = ""
    if is_upload:
        del new["size"], new["mimetype"]

"""Faults of real servers, on demand: `/faults/<name>/<path>` answers `<path>` with that fault.

The same fault can be set for every address (`DemoServer.fault`), so that a source keeps its
address while its server falls ill. `repeat`, `lost-next` and `error-500` touch the pages after
the first; the others touch every answer of a catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import orjson

from deployment.demo.answer import Answer, Asked, json_answer, page

FIRST_PAGE = {"start": "0", "offset": "0", "$skip": "0"}
Ask = Callable[[Asked], Answer]
Fault = Callable[[Asked, Ask], Answer]


def _is_later_page(asked: Asked) -> bool:
    return any(asked.query.get(key, "0") not in ("", "0") for key in FIRST_PAGE)


def empty(asked: Asked, ask: Ask) -> Answer:
    """A valid catalogue that holds nothing."""
    return _changed(ask(asked), _emptied)


def _emptied(body: Any) -> Any:
    if not isinstance(body, dict):
        return []
    kept = {key: value for key, value in body.items() if key != "@iot.nextLink"}
    none: dict[str, Any] = {"value": [], "items": [], "total": 0, "@iot.count": 0,
                            "result": {"count": 0, "results": []}}  # fmt: skip
    return {key: none.get(key, value) for key, value in kept.items()}


def repeat(asked: Asked, ask: Ask) -> Answer:
    """Every page is the first one."""
    same = {key: "0" for key in asked.query if key in FIRST_PAGE}
    return ask(replace(asked, query={**asked.query, **same}))


def loop(asked: Asked, ask: Ask) -> Answer:
    """The next link leads back to the page itself."""
    here = f"{asked.site}{asked.path}"
    query = "&".join(f"{key}={value}" for key, value in asked.query.items())
    link = f"{here}?{query}" if query else here
    return _changed(ask(asked), lambda body: {**body, "@iot.nextLink": link})


def lost_next(asked: Asked, ask: Ask) -> Answer:
    """The catalogue declares more than its pages give."""
    answer = ask(asked)
    if _is_later_page(asked):
        return _changed(answer, _without_records)
    return _changed(answer, lambda body: {k: v for k, v in body.items() if k != "@iot.nextLink"})


def _without_records(body: Any) -> Any:
    result = body.get("result")
    if isinstance(result, dict):
        return {**body, "result": {**result, "results": []}}
    return {key: [] if key in ("items", "value") else value for key, value in body.items()}


def error_500(asked: Asked, ask: Ask) -> Answer:
    """The server breaks down after the first page."""
    return page("Erreur interne", "", 500) if _is_later_page(asked) else ask(asked)


def down(asked: Asked, ask: Ask) -> Answer:
    """The server is broken."""
    return page("Service indisponible", "", 503)


def maintenance(asked: Asked, ask: Ask) -> Answer:
    """A page for people with status 200."""
    return page("Site en maintenance", "<p>Nous revenons très vite. <a href='/'>Accueil</a></p>")


def truncated(asked: Asked, ask: Ask) -> Answer:
    """The answer stops half way, as if that were all of it."""
    answer = ask(asked)
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def cut(asked: Asked, ask: Ask) -> Answer:
    """The connection closes before the declared length."""
    return replace(ask(asked), cut=True)


def wrong_encoding(asked: Asked, ask: Ask) -> Answer:
    """Windows-1252 where UTF-8 is declared."""
    answer = ask(asked)
    return replace(answer, body=answer.body.decode("utf-8", "replace").encode("cp1252", "replace"))


def half(asked: Asked, ask: Ask) -> Answer:
    """A CKAN catalogue that lost half of its datasets, and says so."""

    def halve(body: Any) -> Any:
        result = body.get("result")
        if not isinstance(result, dict):
            return body
        left = result["results"][::2]
        return {**body, "result": {"count": len(left), "results": left}}

    return _changed(ask(asked), halve)


def refused(asked: Asked, ask: Ask) -> Answer:
    """The server says no."""
    return json_answer({"success": False, "error": {"message": "Access denied"}}, 403)


def _changed(answer: Answer, change: Callable[[Any], Any]) -> Answer:
    """Change a JSON answer; an index of a folder loses its files; the rest is as it was."""
    if answer.media_type.startswith("application/json"):
        return replace(answer, body=orjson.dumps(change(orjson.loads(answer.body))))
    if b"<title>Index of" in answer.body and change is _emptied:
        return replace(answer, body=re.sub(rb'<a href="[^.?].*\n', b"", answer.body))
    return answer


FAULTS: Mapping[str, Fault] = {
    "empty": empty, "repeat": repeat, "loop": loop, "lost-next": lost_next,
    "error-500": error_500, "down": down, "maintenance": maintenance, "truncated": truncated,
    "cut": cut, "wrong-encoding": wrong_encoding, "half": half, "refused": refused,
}  # fmt: skip

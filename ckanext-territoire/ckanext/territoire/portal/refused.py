"""A form that was refused: what is wrong comes first in the page, and each field says its own.

A form only writes its fields. `errors` are the sentences of a refusal by name (or id) of the field
they are about, as `refusals` takes them of an action; `""` is the form itself. The frame of the
pages calls `refused` on what it shows: the cursor is put on the list of what is to be taken again,
each line leads to its field, and the field is described by its line. No script is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ckan.plugins import toolkit
from lxml import html
from lxml.html import HtmlElement
from markupsafe import Markup

from ckanext.territoire.portal.typography import NBSP, spaced

Errors = dict[str, list[str]]
NAMED = "//*[self::input[not(@type='hidden')] or self::select or self::textarea][@name=$name]"
BOXES = ("radio", "checkbox")
SUMMARY = "territoire/snippets/refused.html"
OTHERWISE = {"oldpassword": "old_password", "password": "password1"}  # of CKAN's own forms


def refusals(fault: toolkit.ValidationError, **fields: str) -> Errors:
    """The sentences of a refusal by field of the form; `fields` are those that the form names
    otherwise than the action does, `""` for what is no field of it."""
    told: Errors = {}
    for name, texts in fault.error_dict.items():
        found = told.setdefault(fields.get(str(name), str(name)), [])
        found += [str(text) for text in (texts if isinstance(texts, list) else [texts])]
    return told


def of_item(errors: Errors, item: str) -> Errors:
    """Name the fields of one item of a list, whose ids end with that of the item."""
    return {f"{name}-{item}" if name else "": texts for name, texts in errors.items()}


def refused(page: str, errors: Mapping[str, Any] | Iterable[Any]) -> Markup:
    """Answer the main part of a page with what is wrong, before it and beside each field; a page
    that tells it among its own items stays as it is."""
    if " autofocus>" in page:
        return Markup(page)
    tree = html.fragment_fromstring(page, create_parent="div")
    lines = []
    for name, texts in _by_name(errors).items():
        control = _control(tree, OTHERWISE.get(name, name))
        if control is None:
            lines += [{"goal": "", "text": text} for text in texts]
            continue
        label = _label(tree, control) if control.get("aria-invalid") else ""
        _tie(control, texts)
        lines += [{"goal": control.get("id"), "text": label + text} for text in texts]
    toolkit.g.is_refused = True  # for the title, where CKAN makes the form before the page
    inner = html.tostring(tree, encoding="unicode").removeprefix("<div>").removesuffix("</div>")
    return Markup(toolkit.h.snippet(SUMMARY, lines=lines)) + Markup(inner)


def _by_name(errors: Mapping[str, Any] | Iterable[Any]) -> Errors:
    named = errors if isinstance(errors, Mapping) else {"": errors}
    return {
        str(name): [spaced(text) for text in ([texts] if isinstance(texts, str) else texts)]
        for name, texts in named.items()
    }


def _control(tree: HtmlElement, name: str) -> HtmlElement | None:
    """Find the field of a name, or what has it as its id."""
    if not name:
        return None
    found = tree.xpath(NAMED, name=name) or tree.xpath("//*[@id=$name]", name=name)
    return found[0] if found else None


def _label(tree: HtmlElement, control: HtmlElement) -> str:
    """What a field is called, before words of CKAN that do not name it."""
    found = tree.xpath("//label[@for=$id]/text()", id=control.get("id"))
    return f"{found[0].strip()}{NBSP}: " if found else ""


def _tie(control: HtmlElement, texts: list[str]) -> None:
    """Mark a field as wrong and write why beside it, where its author has not."""
    if not control.get("id"):
        control.set("id", f"field-{control.get('name')}")
    if control.get("aria-invalid"):
        return
    fault = html.Element("p", {"class": "field-fault", "id": f"{control.get('id')}-fault"})
    fault.text = " ".join(texts)
    is_box = control.get("type") in BOXES
    if control.get("name") and not is_box:
        control.set("aria-invalid", "true")
    told = f"{control.get('aria-describedby', '')} {fault.get('id')}"
    control.set("aria-describedby", told.strip())
    label = next(control.iterancestors("label"), control)
    label.addnext(fault)

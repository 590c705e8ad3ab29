"""The settings of a source in the words of its form. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harvesters.model import Source


@dataclass(frozen=True, slots=True)
class SaidSetting:
    """What a source was set to, for people; `name` is the one of commands and the API."""

    name: str
    label: str
    value: str


def say_settings(kind: Source, settings: Mapping[str, str]) -> tuple[SaidSetting, ...]:
    """Say each setting that holds something, in the order of the form; a secret is never said.

    A name that the kind does not know any more is said as it is, last.
    """
    known = {each.name: each for each in kind.settings}
    said = [
        SaidSetting(each.name, each.label_fr, dict(each.choices).get(value, value))
        for each in kind.settings
        if (value := settings.get(each.name, "")) and not each.is_secret
    ]
    others = ((n, v) for n, v in sorted(settings.items()) if n not in known and v)
    return (*said, *(SaidSetting(name, name, value) for name, value in others))

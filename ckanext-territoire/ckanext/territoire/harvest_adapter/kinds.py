"""Our source kinds as ckanext-harvest plugins, one per entry of the registry.

`setup.py` names one entry point per module of `harvesters/sources`; the class is
made on demand by `__getattr__`, so that a new kind needs no line here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from ckan import plugins
from ckanext.harvest.interfaces import IHarvester

from harvesters.errors import Refused
from harvesters.model import Issue, Source
from harvesters.registry import SOURCES


def check_settings(source: Source, settings: Mapping[str, str]) -> None:
    """Refuse unknown or missing settings with the near ones."""
    known = {setting.name: setting for setting in source.settings}
    for name in settings:
        if name not in known:
            near = get_close_matches(name, known, n=3, cutoff=0.4) or sorted(known)
            listed = ", ".join(f"« {n} »" for n in near) or "aucun"
            raise Refused(Issue("TER-SRC-061", source.label_fr, name, listed))
    for setting in source.settings:
        if setting.is_required and not settings.get(setting.name):
            told = (source.label_fr, setting.label_fr, setting.help_fr)
            raise Refused(Issue("TER-SRC-062", *told))


def read_config(text: str | None) -> dict[str, str]:
    """Read the configuration text of a source: a flat JSON object."""
    if not text or not text.strip():
        return {}
    try:
        value = json.loads(text)
    except ValueError as fault:
        raise Refused(Issue("TER-SRC-063", found=text[:80])) from fault
    if not isinstance(value, dict):
        raise Refused(Issue("TER-SRC-063", found=text[:80]))
    return {str(k): v if isinstance(v, str) else json.dumps(v) for k, v in value.items()}


class TerritoireHarvester(plugins.SingletonPlugin):
    """What ckanext-harvest asks of a kind; runs go through `runner`, never through its queues."""

    plugins.implements(IHarvester)
    source: Source

    def info(self) -> dict[str, str]:
        return {
            "name": self.source.kind,
            "title": self.source.label_fr,
            "description": self.source.description_fr,
            "form_config_interface": "Text",
        }

    def gather_stage(self, harvest_job: Any) -> list[str]:
        """Run the whole job here: `harvester run-test` and the stock consumers come this way."""
        from ckanext.territoire.harvest_adapter import runner, sources

        runner.run_now(sources.load_source(harvest_job.source_id))
        return []

    def validate_config(self, config: str | None) -> str | None:
        settings = read_config(config)
        secret = {s.name for s in self.source.settings if s.is_secret} & settings.keys()
        if secret:
            raise Refused(Issue("TER-SRC-064", found=min(secret)))
        check_settings(
            self.source, settings | {s.name: "x" for s in self.source.settings if s.is_secret}
        )
        return config


def __getattr__(kind: str) -> Any:
    if kind not in SOURCES:
        raise AttributeError(kind)
    return type(f"Territoire_{kind}", (TerritoireHarvester,), {"source": SOURCES[kind]})

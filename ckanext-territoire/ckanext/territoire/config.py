"""Typed access to the settings of the extension, declared in `config_declaration.yaml`."""

from __future__ import annotations

from ckan.plugins import toolkit


def allowed_private_hosts() -> frozenset[str]:
    """Answer the `host:port` pairs that harvests may reach although they are private."""
    value = toolkit.config["ckanext.territoire.fetch.allowed_private_hosts"]
    return frozenset(part for item in value for part in item.replace(",", " ").split())


def grace_days() -> int:
    """Answer how many days a vanished dataset stays published."""
    return int(toolkit.config["ckanext.territoire.harvest.grace_days"])


def run_deadline_s() -> int:
    """Answer after how many seconds a run stops."""
    return int(toolkit.config["ckanext.territoire.harvest.run_deadline_s"])

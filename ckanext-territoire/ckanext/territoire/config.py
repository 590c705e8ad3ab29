"""Typed access to the settings of the extension, declared in `config_declaration.yaml`."""

from __future__ import annotations

from ckan.plugins import toolkit


def allowed_private_hosts() -> frozenset[str]:
    """Answer the `host:port` pairs that harvests may reach although they are private."""
    value = toolkit.config["ckanext.territoire.fetch.allowed_private_hosts"]
    return frozenset(part for item in value for part in item.replace(",", " ").split())

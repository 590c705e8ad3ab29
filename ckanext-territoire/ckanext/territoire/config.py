"""Typed access to the settings of the extension, declared in `config_declaration.yaml`."""

from __future__ import annotations

import os
from pathlib import Path

from ckan.plugins import toolkit


def allowed_private_hosts() -> frozenset[str]:
    """Answer the `host:port` pairs that harvests may reach although they are private.

    The setting, and what the operator adds for one command in the environment.
    """
    told = [*toolkit.config["ckanext.territoire.fetch.allowed_private_hosts"]]
    told.append(os.environ.get("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", ""))
    return frozenset(part for item in told for part in item.replace(",", " ").split())


def user_agent() -> str:
    """Answer how our requests name us: the setting, else the address of this site."""
    told = toolkit.config["ckanext.territoire.fetch.user_agent"]
    told = told or f"Territoire/0.1 (+{toolkit.config['ckan.site_url']})"
    return " ".join(str(told).split()).encode("ascii", "replace").decode("ascii")


def grace_days() -> int:
    """Answer how many days a vanished dataset stays published."""
    return int(toolkit.config["ckanext.territoire.harvest.grace_days"])


def undo_days() -> int:
    """Answer how many days a finished run may be rolled back."""
    return int(toolkit.config["ckanext.territoire.harvest.undo_days"])


def undo_runs() -> int:
    """Answer how many runs of a source, of those that changed something, may be rolled back."""
    return int(toolkit.config["ckanext.territoire.harvest.undo_runs"])


def requests_per_s() -> float:
    """Answer how often a server is asked at most, a second; 0 is as often as can be."""
    return float(toolkit.config["ckanext.territoire.fetch.requests_per_s"])


def requests_at_once() -> int:
    """Answer how many requests may be at one server at once."""
    return max(int(toolkit.config["ckanext.territoire.fetch.requests_at_once"]), 1)


def runs_at_once() -> int:
    """Answer how many sources are harvested at once."""
    return max(int(toolkit.config["ckanext.territoire.harvest.runs_at_once"]), 1)


def quiet_hours() -> str:
    """Answer the hours during which no harvest begins, as the operator wrote them."""
    return str(toolkit.config["ckanext.territoire.harvest.quiet_hours"])


def run_deadline_s() -> int:
    """Answer after how many seconds a run stops."""
    return int(toolkit.config["ckanext.territoire.harvest.run_deadline_s"])


def catalogue_url() -> str:
    """Answer the address of the national catalogue, where the sources of a territory are sought."""
    return str(toolkit.config["ckanext.territoire.harvest.catalogue_url"]).rstrip("/")


def cog_dir() -> Path:
    """Answer the folder of the official list of communes and EPCI."""
    return Path(toolkit.config["ckanext.territoire.territory.cog_dir"] or "cog")


def mail_contact() -> str:
    """Answer whom people may ask, as mails say it; empty means the person who sends."""
    return " ".join(str(toolkit.config["ckanext.territoire.mail.contact"]).split())


def mail_notices() -> bool:
    """Say whether depositors get a mail when rows of theirs wait for a correction."""
    return bool(toolkit.config["ckanext.territoire.mail.notices"])

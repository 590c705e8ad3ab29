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


def flag_email_days() -> int:
    """Answer how many days the address of who flags a row is kept for the answer."""
    return max(int(toolkit.config["ckanext.territoire.flag.email_days"]), 0)


def map_base() -> str:
    """Answer what lies under the points of a map: the outlines of the communes, or a map of IGN."""
    told = str(toolkit.config["ckanext.territoire.map.base"]).strip().casefold()
    return "ign" if told == "ign" else "communes"


def mail_letter() -> bool:
    """Say whether the communes get a letter each month."""
    return bool(toolkit.config["ckanext.territoire.mail.letter"])


def letter_day() -> int:
    """Answer on which working day of the month the letters of the month before leave."""
    return int(toolkit.config["ckanext.territoire.mail.letter_day"])


def journal_days() -> int:
    """Answer how many days the journal of acts is kept."""
    return max(int(toolkit.config["ckanext.territoire.account.journal_days"]), 1)


def idle_months() -> int:
    """Answer after how many months without a visit an account closes."""
    return max(int(toolkit.config["ckanext.territoire.account.idle_months"]), 2)


def webhook_log_days() -> int:
    """Answer how many days what was sent to subscribed addresses is kept."""
    return max(int(toolkit.config["ckanext.territoire.webhook.log_days"]), 1)


def archive_every_s() -> int:
    """Answer how many seconds pass at least between two archives of all that is open."""
    return max(int(toolkit.config["ckanext.territoire.archive.every_s"]), 60)


def archive_max_bytes() -> int:
    """Answer how many bytes of files the archive holds at most, before they are packed."""
    return int(toolkit.config["ckanext.territoire.archive.max_bytes"])


def registration() -> bool:
    """Say whether anybody may make an account, by a link sent to their address."""
    return bool(toolkit.config["ckanext.territoire.account.registration"])


def key_days() -> int:
    """Answer how many days a key reads at most."""
    return max(int(toolkit.config["ckanext.territoire.key.days"]), 1)


def former_days() -> int:
    """Answer how many days a file that nothing refers to is kept, more than a run may be undone."""
    return max(int(toolkit.config["ckanext.territoire.file.former_days"]), undo_days() + 1)


def withdrawn_days() -> int:
    """Answer how many days a file that was taken out of a history is kept."""
    return max(int(toolkit.config["ckanext.territoire.file.withdrawn_days"]), 0)


def token_days() -> int:
    """Answer how many days a token lasts at most, never more than two years."""
    return min(max(int(toolkit.config["ckanext.territoire.token.days"]), 1), 730)


def keys_each() -> int:
    """Answer how many running keys an account may have."""
    return max(int(toolkit.config["ckanext.territoire.key.each"]), 1)


def key_use_days() -> int:
    """Answer how many days the calls of keys, and the columns they use, are kept."""
    return max(int(toolkit.config["ckanext.territoire.key.use_days"]), 90)

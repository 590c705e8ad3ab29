"""Take the secrets of a source out of what is told of it: a server may say them back in a fault.

Pure. Only the settings that are secret count, and only when they are long enough to be one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from harvesters.model import Config, Issue, Source

MIN_LENGTH = 4
HIDDEN = "…"


def secrets_of(source: Source, config: Config) -> tuple[str, ...]:
    """Answer the secrets that a source was given, the longest first."""
    values = [config.get(setting.name) for setting in source.settings if setting.is_secret]
    return tuple(sorted((v for v in values if len(v) >= MIN_LENGTH), key=len, reverse=True))


def hide(issue: Issue, secrets: Iterable[str]) -> Issue:
    """Write an issue without these secrets.

    >>> hide(Issue("TER-FET-016", "https://a.fr", "cle-de-la-mairie"), ["cle-de-la-mairie"]).found
    '…'
    """
    for secret in secrets:
        where, found, expected = (
            text.replace(secret, HIDDEN) for text in (issue.where, issue.found, issue.expected)
        )
        issue = replace(issue, where=where, found=found, expected=expected)
    return issue

"""Style sheets and scripts are compared with their sources once in each process.

CKAN lets webassets read the dates of some fifty files, and sum up the definition of each bundle,
for every page. They change with a new version of the platform, which starts its processes again;
who works on them sets `ckan.webassets.debug`.
"""

from __future__ import annotations

from typing import Any

from ckan.lib import webassets_tools
from webassets.updater import TimestampUpdater


class OnceUpdater(TimestampUpdater):
    """Says of a bundle that it is up to date once it has been looked at."""

    id = "territoire_once"

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def needs_rebuild(self, bundle: Any, ctx: Any) -> Any:
        """Look at the files the first time."""
        if bundle.output in self._seen:
            return False
        self._seen.add(bundle.output)
        return super().needs_rebuild(bundle, ctx)


def look_once() -> None:
    """Let the environment of CKAN's assets use it, unless somebody works on them."""
    if not webassets_tools.env.debug:
        webassets_tools.env.updater = OnceUpdater()

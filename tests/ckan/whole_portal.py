"""A portal with a small territory, made once for all the tests of a module that only read it or
that each change rows of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ckan import plugins
from ckan.lib import search
from ckan.tests.helpers import CKANTestApp

from tests.ckan.conftest import empty_tables
from tests.ckan.people import make_territory


@contextmanager
def whole_portal(portal_app: Any, folder: Path) -> Iterator[CKANTestApp]:
    """Empty everything, make the territory of three communes; give a browser on it."""
    if not plugins.plugin_loaded("territoire"):
        plugins.load_all()
    empty_tables()
    search.clear_all()
    with pytest.MonkeyPatch.context() as patch:
        make_territory(folder, patch)
        yield CKANTestApp(portal_app)

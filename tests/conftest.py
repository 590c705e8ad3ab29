"""What every test shares: where the real files are, and the order of the folders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.faults import score

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
# quick first; those that start servers or browsers last
ORDER = ("unit", "contract", "house", "ckan", "faults", "acceptance", "deployment")
# in two processes the long files come first, so that both end together
LONG_FIRST = ("deployment", "acceptance", "faults", "ckan", "contract", "unit", "house")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
CKAN_PLUGINS = ("ckan", "ckan_fixtures", "pytest_ckan", "ckan_setup")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Without `--ckan-ini`, leave CKAN out: the tests that need none run anywhere.

    Of two processes, the second has its own servers (`deployment.services start-tests`).
    """
    config.addinivalue_line("markers", score.MARKER)
    if WORKER not in ("", "gw0"):
        home = Path(config.getoption("--ckan-ini")).parent / "beside"
        os.environ["TERRITOIRE_HOME"] = str(home)
        for name in ("TERRITOIRE_PORT", "TERRITOIRE_BASE_PORT"):
            os.environ.pop(name, None)
        config.option.ckan_ini = str(home / "test.ini")
    if not config.getoption("--ckan-ini", default=None):
        for name in CKAN_PLUGINS:
            plugin = config.pluginmanager.get_plugin(name)
            if plugin is not None:
                config.pluginmanager.unregister(plugin)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the folders in our order; inside a folder nothing moves.

    A file stays in one process, and so does all that starts servers on fixed ports.
    """
    order = LONG_FIRST if WORKER else ORDER
    items.sort(key=lambda item: order.index(_folder(item)))
    for item in items if WORKER else ():
        is_alone = _folder(item) == "deployment"
        item.add_marker(pytest.mark.xdist_group("deployment" if is_alone else str(item.path)))
    score.tell_rows(items)


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT / "tests").parts[0]


pytest_runtest_logreport = score.pytest_runtest_logreport
pytest_terminal_summary = score.pytest_terminal_summary


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files beside the project, or a skip that says so."""
    if not SHARED.is_dir():
        pytest.skip("the real files (../shared/data) are not on this machine")
    return SHARED

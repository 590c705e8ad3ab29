"""What every test shares: the order of the files, the processes, CKAN's application, real files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.faults import score

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
# quick first; those that start servers or browsers last
ORDER = ("unit", "contract", "house", "ckan", "faults", "acceptance", "deployment")
# in several processes the long files come first, so that all end together
LONG_FIRST = ("deployment", "acceptance", "faults", "ckan", "contract", "unit", "house")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
CKAN_PLUGINS = ("ckan", "ckan_fixtures", "pytest_ckan", "ckan_setup")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give this process of tests its settings, or leave CKAN out where it has none to run.

    Without `--ckan-ini` the tests that need no CKAN run anywhere. With `-n`, the process that
    was called runs no test, and the second of the others has its own servers
    (`deployment.services start-tests`), which a test may stop or kill.
    """
    config.addinivalue_line("markers", score.MARKER)
    # the same examples at each run, however slow the machine; `make test HUNT=1` looks for others
    settings.load_profile("default" if os.environ.get("HUNT") else "ci")
    # a statement that waits for a lock fails before its test does; libpq would not hear the latter
    os.environ.setdefault("PGOPTIONS", "-c lock_timeout=200s")
    ini = config.getoption("--ckan-ini", default=None)
    if ini and WORKER not in ("", "gw0"):
        config.option.ckan_ini = str(_move_beside(Path(ini).resolve().parent))
    if not ini or config.getoption("numprocesses", default=None):
        for name in CKAN_PLUGINS:
            plugin = config.pluginmanager.get_plugin(name)
            if plugin is not None:
                config.pluginmanager.unregister(plugin)


def _move_beside(first: Path) -> Path:
    """Let this process use the servers beside those of the first; answer its settings."""
    if WORKER != "gw1":
        raise pytest.UsageError("two processes have servers, no more: -n 2")
    os.environ.setdefault("TERRITOIRE_VENV", str(first / "venv"))
    os.environ["TERRITOIRE_HOME"] = str(first / "beside")
    for name in ("TERRITOIRE_PORT", "TERRITOIRE_BASE_PORT"):
        os.environ.pop(name, None)
    return first / "beside" / "test.ini"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the folders in our order; inside a folder nothing moves."""
    items.sort(key=lambda item: _rank(item.path))
    score.tell_rows(items)


def _rank(path: Path) -> int:
    folder, order = path.relative_to(ROOT / "tests").parts[0], LONG_FIRST if WORKER else ORDER
    return order.index(folder) if folder in order else order.index("ckan")


pytest_runtest_logreport = score.pytest_runtest_logreport
pytest_terminal_summary = score.pytest_terminal_summary


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files beside the project, or a skip that says so."""
    if not SHARED.is_dir():
        pytest.skip("the real files (../shared/data) are not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def portal_app() -> Any:
    """CKAN's application with our plugins, made once a process.

    CKAN's own fixtures make it again for each test, which would be most of the time of the suite.
    """
    from ckan.common import config
    from ckan.config.middleware import make_app

    config["testing"] = True
    return make_app(config)


@pytest.fixture
def with_plugins(portal_app: Any, ckan_config: Any) -> None:
    """Our plugins, loaded; what a test changes of the settings is put back after it."""
    from ckan import plugins

    if not plugins.plugin_loaded("territoire"):
        plugins.load_all()


@pytest.fixture
def app(portal_app: Any, with_plugins: None) -> Any:
    """A browser of its own on the application."""
    from ckan.tests.helpers import CKANTestApp

    return CKANTestApp(portal_app)

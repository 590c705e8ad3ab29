"""What every test shares: where the real files are, and the order of the folders."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
# quick first; those that start servers or browsers last
ORDER = ("unit", "contract", "house", "ckan", "faults", "acceptance", "deployment")
CKAN_PLUGINS = ("ckan", "ckan_fixtures", "pytest_ckan", "ckan_setup")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Without `--ckan-ini`, leave CKAN out: the tests that need none run anywhere."""
    if not config.getoption("--ckan-ini", default=None):
        for name in CKAN_PLUGINS:
            plugin = config.pluginmanager.get_plugin(name)
            if plugin is not None:
                config.pluginmanager.unregister(plugin)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the folders in our order; inside a folder nothing moves."""
    items.sort(key=lambda item: _rank(item.path))


def _rank(path: Path) -> int:
    folder = path.relative_to(ROOT / "tests").parts[0]
    return ORDER.index(folder) if folder in ORDER else len(ORDER)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real files beside the project, or a skip that says so."""
    if not SHARED.is_dir():
        pytest.skip("the real files (../shared/data) are not on this machine")
    return SHARED

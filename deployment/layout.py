"""Where things stand on this machine: the state folder, the ports, the secrets.

Everything lives under `TERRITOIRE_HOME` (default `.territoire/` of the checkout) and listens on
loopback only. `TERRITOIRE_PORT` is the portal; `TERRITOIRE_BASE_PORT` (default: portal + 600) is
the first of the others, so that two copies live on one machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import secrets
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
SECRETS = (
    "secret_key",
    "csrf_key",
    "jwt_key",
    "postgres",
    "ckan",
    "datastore_ro",
    "territoire_ogc",
    "redis",
    "admin",
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Folders and ports of one copy."""

    home: Path
    venv: Path
    web_port: int
    base_port: int

    @property
    def postgres_port(self) -> int:
        return self.base_port

    @property
    def redis_port(self) -> int:
        return self.base_port + 1

    @property
    def solr_port(self) -> int:
        return self.base_port + 2

    @property
    def demo_port(self) -> int:
        return self.base_port + 3

    @property
    def ogc_port(self) -> int:
        return self.base_port + 4

    @property
    def ogc_settings(self) -> Path:
        """What the process of features and tiles is told."""
        return self.home / "ogc.json"

    @property
    def site_url(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def postgres_data(self) -> Path:
        """The cluster's folder; outside the state folder when the server's user cannot reach it."""
        inside = self.home / "postgres"
        if os.geteuid() != 0 or _is_open_to_all(self.home.parent):
            return inside
        mark = hashlib.sha256(str(self.home).encode()).hexdigest()[:8]
        return Path("/var/lib/postgresql") / f"territoire-{mark}"

    def beside(self) -> Layout:
        """The servers of a second process of tests, which shares nothing with the first."""
        return replace(
            self,
            home=self.home / "beside",
            web_port=self.web_port + 20,
            base_port=self.base_port + 20,
        )

    def folder(self, name: str) -> Path:
        """Answer a folder of the state folder, made when absent."""
        path = self.home / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def ini(self, name: str) -> Path:
        """The settings file of the portal (`ckan`) or of the tests (`test`)."""
        return self.home / f"{name}.ini"

    def secret(self) -> dict[str, str]:
        """Read the generated secrets, made when absent, readable by their owner only."""
        path = self.home / "secrets.json"
        known = dict(json.loads(path.read_text())) if path.exists() else {}
        missing = [name for name in SECRETS if name not in known]
        if missing:
            known |= {name: secrets.token_urlsafe(24) for name in missing}
            self.set_secret(known)
        return known

    def set_secret(self, values: dict[str, str]) -> None:
        """Write the secrets, readable by their owner only."""
        self.home.mkdir(parents=True, exist_ok=True)
        write_private(self.home / "secrets.json", json.dumps(values, indent=1))

    def remember_ports(self) -> None:
        """Keep the ports for the commands that are typed without them."""
        text = json.dumps({"web": self.web_port, "base": self.base_port})
        write_private(self.home / "ports.json", text)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one act, readable by its owner only."""
    draft = path.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.rename(path)


def _is_open_to_all(folder: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


def layout() -> Layout:
    """Read the layout from the environment; ports not given there are those of the last start."""
    env = os.environ
    home = Path(env.get("TERRITOIRE_HOME") or CHECKOUT / ".territoire").resolve()
    kept = home / "ports.json"
    known = json.loads(kept.read_text()) if kept.exists() else {}
    web = int(env.get("TERRITOIRE_PORT") or known.get("web") or 5000)
    base = known["base"] if known.get("web") == web else web + 600
    return Layout(
        home=home,
        venv=Path(env.get("TERRITOIRE_VENV") or home / "venv").resolve(),
        web_port=web,
        base_port=int(env.get("TERRITOIRE_BASE_PORT") or base),
    )


def package_folder(name: str) -> Path:
    """Answer the folder of an installed package, without importing it."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise LookupError(f"{name} is not installed in this environment")
    return Path(spec.origin).parent


def server_user() -> list[str]:
    """Answer the command prefix that leaves root, which PostgreSQL refuses; empty for a user."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]

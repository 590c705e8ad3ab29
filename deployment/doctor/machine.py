"""Checks of the machine: programs, disk, ports, secrets. Nothing needs to run for them."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from deployment.doctor.finding import Finding, fault, fine, warning
from deployment.layout import CHECKOUT, SECRETS, Layout
from deployment.postgres.cluster import BIN
from deployment.processes.run import is_running
from deployment.processes.state import read_states

PROGRAMS = {
    "PostgreSQL": ([str(BIN / "postgres"), "--version"], 15),
    "Redis": (["redis-server", "--version"], 7),
    "Java": (["java", "-version"], 17),
    "Node": (["node", "--version"], 18),
}
LOCK = CHECKOUT / "deployment" / "requirements.lock"
KNOWN_SECRETS = {"", "changeme", "secret", "password", "pass", "ckan", "admin", "test1234"}
WARN_BYTES, FAULT_BYTES = 2_000_000_000, 300_000_000
MIN_SECRET = 20


def check_programs(_: Layout) -> Iterator[Finding]:
    """Are the programs there, and recent enough?"""
    for name, (command, least) in PROGRAMS.items():
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError:
            yield fault(name, "absent", "Relancez « make demo », qui l’installe.")
            continue
        found = re.search(r"(\d+)(\.\d+)*", done.stdout + done.stderr)
        told = found.group(0) if found else "version inconnue"
        if found and int(found.group(1)) >= least:
            yield fine(name, told)
        else:
            yield fault(name, told, f"La version {least} ou une plus récente est attendue.")


def check_libraries(_: Layout) -> Iterator[Finding]:
    """Are the installed Python libraries those of the lock file?"""
    wrong = []
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        name, mark, wanted = line.partition("==")
        if not mark or name.startswith("#"):
            continue
        try:
            if version(name.partition("[")[0]) != wanted.partition(" ")[0]:
                wrong.append(name)
        except PackageNotFoundError:
            wrong.append(name)
    if wrong:
        told = f"{len(wrong)} bibliothèques diffèrent du verrou : {', '.join(wrong[:5])}"
        yield fault("bibliothèques Python", told, "Relancez « make demo », qui les remet.")
    else:
        yield fine("bibliothèques Python", f"CKAN {version('ckan')}, toutes conformes au verrou")


def check_disk(layout: Layout) -> Iterator[Finding]:
    """Is there room left?"""
    free = shutil.disk_usage(layout.home).free
    told = f"{free / 1e9:.1f} Go libres"
    remedy = f"Libérez de la place sur le disque de {layout.home}."
    if free < FAULT_BYTES:
        yield fault("disque", told, remedy)
    elif free < WARN_BYTES:
        yield warning("disque", told, remedy)
    else:
        yield fine("disque", told)


def check_secrets(layout: Layout) -> Iterator[Finding]:
    """Are the secrets ours, strong, and unreadable by others?"""
    for path in (layout.home / "secrets.json", layout.ini("ckan")):
        if not path.exists():
            yield fault("secrets", f"{path.name} manque", "Relancez « make demo ».")
        elif stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield fault("secrets", f"{path.name} est lisible par d’autres comptes",
                        f"Tapez : chmod 600 {path}")  # fmt: skip
    if not (layout.home / "secrets.json").exists():
        return
    values = layout.secret()
    weak = [name for name in SECRETS if is_weak(values[name])]
    if weak:
        yield fault("secrets", f"trop faibles : {', '.join(weak)}",
                    "Effacez-les de secrets.json puis relancez « make demo ».")  # fmt: skip
    elif len(set(values.values())) < len(values):
        yield fault("secrets", "le même sert deux fois", "Effacez-le de secrets.json, relancez.")
    else:
        yield fine("secrets", "générés, longs, lisibles par le seul propriétaire")


def is_weak(secret: str) -> bool:
    """Say whether a secret is known or short.

    >>> is_weak("changeme"), is_weak("x" * 12), is_weak("kA9-" * 8)
    (True, True, False)
    """
    return secret.lower() in KNOWN_SECRETS or len(secret) < MIN_SECRET


def check_processes(layout: Layout) -> Iterator[Finding]:
    """Does each server and process live, on loopback only?"""
    for state in read_states(layout):
        if state.is_up:
            yield fine(state.label, f"en marche  {state.where}".rstrip())
        else:
            remedy = "make services" if state.name in ("postgres", "redis", "solr") else "make demo"
            yield fault(
                state.label, "arrêté", f"Tapez « {remedy} » ; journal : {layout.home}/logs/"
            )
    exposed = sorted(open_ports(layout) & listening_beyond_loopback())
    if exposed:
        yield fault("ports", f"ouverts à l’extérieur : {exposed}", "Relancez « make demo ».")
    elif is_running(layout):
        yield fine("ports", "tous sur 127.0.0.1")


def open_ports(layout: Layout) -> set[int]:
    """Answer the ports of this copy."""
    first = layout.base_port
    return {layout.web_port, *range(first, layout.ogc_port + 1)}


def listening_beyond_loopback() -> set[int]:
    """Read the ports that listen on an address other than loopback."""
    found = set()
    for name in ("tcp", "tcp6"):
        table = Path("/proc/net") / name
        for line in table.read_text().splitlines()[1:] if table.exists() else []:
            fields = line.split()
            address, _, port = fields[1].partition(":")
            is_listening = fields[3] == "0A"
            if is_listening and not is_loopback(address):
                found.add(int(port, 16))
    return found


def is_loopback(address: str) -> bool:
    """Say whether an address of `/proc/net/tcp*` is loopback (127/8, ::1, or 127/8 mapped).

    >>> is_loopback("0100007F"), is_loopback("00000000")
    (True, False)
    """
    v6_loopback = "00000000000000000000000001000000"
    return address[-2:] == "7F" if address != v6_loopback else True

"""What runs now, and how much memory it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from deployment import pids
from deployment.layout import Layout
from deployment.postgres import cluster
from deployment.processes.run import names
from deployment.steps import is_listening

LABELS = {
    "web": "portail",
    "jobs": "tâches de fond",
    "harvest": "moissons",
    "ogc": "cartes et SIG",
    "demo": "sources de démonstration",
    "services": "veilleur des services",
}


@dataclass(frozen=True, slots=True)
class State:
    """One server or process of this copy; `memory_mb` shares common pages fairly (PSS)."""

    name: str
    label: str
    is_up: bool
    where: str
    memory_mb: float


def read_states(layout: Layout) -> list[State]:
    """Look at the three servers, then at the processes."""
    postgres = cluster.server_pid(layout)
    servers = [
        _state("postgres", "PostgreSQL", postgres, layout.postgres_port),
        _state("redis", "Redis", pids.pid_of(layout, "redis"), layout.redis_port),
        _state("solr", "Solr", pids.pid_of(layout, "solr"), layout.solr_port),
    ]
    ports = {"web": layout.web_port, "demo": layout.demo_port, "ogc": layout.ogc_port}
    return servers + [
        _state(name, LABELS.get(name, name), pids.pid_of(layout, name), ports.get(name))
        for name in names()
    ]


def _state(name: str, label: str, pid: int | None, port: int | None) -> State:
    is_up = pid is not None and (port is None or is_listening(port))
    where = f"127.0.0.1:{port}" if port else ""
    return State(name, label, is_up, where, _memory_mb(pid) if pid and is_up else 0.0)


def _memory_mb(root: int) -> float:
    """Add up the memory of a process and its descendants."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    total, todo = 0, [root]
    while todo:
        pid = todo.pop()
        todo += children.get(pid, [])
        total += _own_kb(pid)
    return total / 1024


def _own_kb(pid: int) -> int:
    for name, field in (("smaps_rollup", "Pss"), ("status", "VmRSS")):
        try:
            text = Path(f"/proc/{pid}/{name}").read_text()
        except OSError:
            continue  # another user's process: the resident size is readable by all
        found = re.search(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE)
        if found:
            return int(found.group(1))
    return 0

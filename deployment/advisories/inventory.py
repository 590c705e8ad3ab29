"""The parts of this copy: Python packages, npm packages, jars of Solr.

Read from what is installed for jars, from the locks for the rest. A part is named by its package
URL (purl), as CycloneDX and OSV do.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packageurl import PackageURL

from deployment.layout import CHECKOUT, Layout

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)")
JAR = re.compile(r"^(.+?)-(\d[\w.+-]*)\.jar$")
LOCKS = ("deployment/requirements.lock", "deployment/requirements-nodeps.lock")
# jars that do not name their group themselves
GROUPS = {
    "asm": "org.ow2.asm",
    "caffeine": "com.github.ben-manes.caffeine",
    "checker-qual": "org.checkerframework",
    "hamcrest": "org.hamcrest",
    "hppc": "com.carrotsearch",
    "jetty-servlet-api": "org.eclipse.jetty.toolchain",
    "json-path": "com.jayway.jsonpath",
    "jspecify": "org.jspecify",
    "junit": "junit",
    "lucene": "org.apache.lucene",
    "snappy-java": "org.xerial.snappy",
    "solr": "org.apache.solr",
}


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """One package; `group` is `""` where there is none, or where a jar does not say it."""

    kind: str
    group: str
    name: str
    version: str

    @property
    def is_known(self) -> bool:
        """Whether the base of advisories can find it: a jar without a group cannot be."""
        return self.kind != "maven" or bool(self.group)

    @property
    def purl(self) -> str:
        """Its package URL."""
        return PackageURL(self.kind, self.group or None, self.name, self.version).to_string()


def read_parts(here: Layout, checkout: Path = CHECKOUT) -> tuple[Part, ...]:
    """Read all parts, in the order of their names."""
    found = {
        *(part for lock in LOCKS for part in read_pins((checkout / lock).read_text("utf-8"))),
        *read_npm(json.loads((checkout / "deployment/npm/package-lock.json").read_text("utf-8"))),
        *(read_jar(jar) for jar in sorted((here.home / "solr" / "lib").glob("*.jar"))),
    }
    return tuple(sorted(found))


def read_pins(lock: str) -> Iterator[Part]:
    """Read a lock of Python packages.

    >>> [part.purl for part in read_pins("# a\\nJinja2==3.1.6\\n")]
    ['pkg:pypi/jinja2@3.1.6']
    """
    for line in lock.splitlines():
        match = PIN.match(line.strip())
        if match:
            name = re.sub(r"[-_.]+", "-", match[1]).lower()
            yield Part("pypi", "", name, match[2])


def read_npm(lock: dict[str, Any]) -> Iterator[Part]:
    """Read a lock of npm (version 3).

    >>> [p.purl for p in read_npm({"packages": {"": {}, "node_modules/@a/b": {"version": "1.0"}}})]
    ['pkg:npm/%40a/b@1.0']
    """
    for path, told in lock["packages"].items():
        if path and "version" in told:
            group, _, name = path.rpartition("node_modules/")[2].rpartition("/")
            yield Part("npm", group, name, str(told["version"]))


def read_jar(jar: Path) -> Part:
    """Name a jar by what it says of itself, else by its file."""
    match = JAR.match(jar.name)
    name, version = (match[1], match[2]) if match else (jar.stem, "")
    with zipfile.ZipFile(jar) as archive:
        for entry in archive.namelist():
            parts = entry.split("/")
            is_own = entry.startswith("META-INF/maven/") and parts[-1] == "pom.properties"
            if is_own and len(parts) == 5 and parts[3] == name:
                return Part("maven", parts[2], name, version)
    prefixes = (p for p in GROUPS if name == p or name.startswith(f"{p}-"))
    return Part("maven", GROUPS.get(max(prefixes, key=len, default=""), ""), name, version)

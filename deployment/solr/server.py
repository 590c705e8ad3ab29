"""Our own Solr: jars from Maven Central, a schema made from the one of the installed CKAN."""

from __future__ import annotations

import subprocess
from importlib.util import find_spec
from pathlib import Path

from deployment.layout import CHECKOUT, Layout
from deployment.redis.server import is_alive
from deployment.solr.schema import add_french_and_maps
from deployment.steps import digest, is_done, is_listening, refuse_taken, run, set_done, wait_for

HERE = CHECKOUT / "deployment" / "solr"
CORES = ("ckan", "ckan_test")


def install(layout: Layout) -> bool:
    """Fetch the jars and compile the launcher; answer whether anything was done."""
    mark = digest(HERE / "pom.xml", HERE / "SolrMain.java")
    if is_done(layout, "solr", mark):
        return False
    folder, log = layout.folder("solr"), layout.folder("logs") / "solr-install.log"
    run(["mvn", "-q", "-B", "-f", HERE / "pom.xml", "dependency:copy-dependencies",
         f"-DoutputDirectory={folder / 'lib'}"], log)  # fmt: skip
    run(["javac", "-cp", f"{folder / 'lib'}/*", "-d", folder, HERE / "SolrMain.java"], log)
    set_done(layout, "solr", mark)
    return True


def make_cores(layout: Layout) -> bool:
    """Write the two cores; answer whether their settings changed (then Solr must restart)."""
    spec = find_spec("ckan")
    assert spec and spec.origin
    stock = Path(spec.origin).parent / "config" / "solr" / "schema.xml"
    mark = digest(stock, HERE / "schema.py", HERE / "solrconfig.xml")
    if is_done(layout, "solr-cores", mark):
        return False
    home = layout.folder("solr") / "home"
    schema, side_files = add_french_and_maps(stock.read_text(encoding="utf-8"))
    for core in CORES:
        settings = home / core / "conf"
        settings.mkdir(parents=True, exist_ok=True)
        (home / core / "core.properties").write_text(f"name={core}\n")
        (settings / "schema.xml").write_text(schema, encoding="utf-8")
        (settings / "solrconfig.xml").write_bytes((HERE / "solrconfig.xml").read_bytes())
        for name in side_files:
            (settings / name).touch()
    (home / "solr.xml").write_text("<solr></solr>\n")
    set_done(layout, "solr-cores", mark)
    return True


def start(layout: Layout) -> None:
    """Start Solr when it is not running."""
    if is_running(layout):
        return
    refuse_taken(layout.solr_port, "Solr")
    folder, log = layout.folder("solr"), layout.folder("logs") / "solr.log"
    command = ["java", "-Xmx512m", "-XX:+UseSerialGC", "-Djava.awt.headless=true",
               "-Djava.security.manager=allow",
               "-cp", f"{folder}:{folder / 'lib'}/*", "SolrMain", str(folder / "home"),
               str(layout.solr_port)]  # fmt: skip
    with log.open("ab") as out:
        server = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
    (layout.folder("run") / "solr.pid").write_text(str(server.pid))
    wait_for(layout.solr_port, "Solr", log)


def is_running(layout: Layout) -> bool:
    """Say whether it is our Solr that listens."""
    return is_alive(layout, "solr") and is_listening(layout.solr_port)

"""Our own Solr: jars from Maven Central, a schema made from the one of the installed CKAN."""

from __future__ import annotations

import shutil
import time
import urllib.request
from http import HTTPStatus
from pathlib import Path

from deployment import pids
from deployment.layout import CHECKOUT, Layout, package_folder
from deployment.solr.schema import add_french_and_maps
from deployment.steps import (
    SetUpError,
    digest,
    end_of,
    is_done,
    is_listening,
    refuse_taken,
    run,
    set_done,
    wait_for,
)

HERE = CHECKOUT / "deployment" / "solr"
CORES = ("ckan", "ckan_test")
CORES_TIMEOUT_S = 300
JAVA_OPTIONS = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-Djava.awt.headless=true",
    "-Djava.security.manager=allow",
)


def _mark() -> str:
    return digest(HERE / "pom.xml", HERE / "SolrMain.java")


def is_installed(layout: Layout) -> bool:
    """Say whether the jars and the launcher are there, as the sources want them."""
    return is_done(layout, "solr", _mark())


def install(layout: Layout) -> None:
    """Fetch the jars and compile the launcher."""
    folder, log = layout.folder("solr"), layout.folder("logs") / "solr-install.log"
    draft, jars = folder / "lib.tmp", folder / "lib"
    shutil.rmtree(draft, ignore_errors=True)  # a jar cut short would be taken for a whole one
    run(["mvn", "-q", "-B", "-f", HERE / "pom.xml", "dependency:copy-dependencies",
         f"-DoutputDirectory={draft}"], log)  # fmt: skip
    shutil.rmtree(jars, ignore_errors=True)
    draft.rename(jars)
    run(["javac", "-cp", f"{jars}/*", "-d", folder, HERE / "SolrMain.java"], log)
    set_done(layout, "solr", _mark())


def cores_mark() -> str:
    """Reduce what the cores are made of to a text that changes with it."""
    endings = package_folder("ckanext.territoire") / "search" / "french.py"
    own = [HERE / name for name in ("schema.py", "solrconfig.xml", "solr.xml")]
    return digest(_stock_schema(), endings, *own)


def _stock_schema() -> Path:
    return package_folder("ckan") / "config" / "solr" / "schema.xml"


def make_cores(layout: Layout) -> None:
    """Write the two cores when their settings changed, with Solr stopped.

    What was indexed by other rules goes: Lucene refuses to mix them, and the database is the truth.
    """
    mark = cores_mark()
    if is_done(layout, "solr-cores", mark):
        return
    stop(layout)  # it reads its schema when it starts
    home = layout.folder("solr") / "home"
    schema, side_files = add_french_and_maps(_stock_schema().read_text(encoding="utf-8"))
    for core in CORES:
        settings = home / core / "conf"
        settings.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(home / core / "data", ignore_errors=True)
        (home / core / "core.properties").write_text(f"name={core}\n")
        (settings / "schema.xml").write_text(schema, encoding="utf-8")
        (settings / "solrconfig.xml").write_bytes((HERE / "solrconfig.xml").read_bytes())
        for name in side_files:
            (settings / name).touch()
    (home / "solr.xml").write_bytes((HERE / "solr.xml").read_bytes())
    set_done(layout, "solr-cores", mark)


def launch(layout: Layout) -> None:
    """Start Solr when it is not running, without waiting for it."""
    if is_running(layout):
        return
    stop(layout)  # one that hangs, or runs on another port
    refuse_taken(layout.solr_port, "Solr")
    folder = layout.folder("solr")
    pids.start_detached(
        layout,
        "solr",
        ["java", *JAVA_OPTIONS, "-cp", f"{folder}:{folder / 'lib'}/*", "SolrMain",
         folder / "home", str(layout.solr_port)],
    )  # fmt: skip


def wait(layout: Layout) -> None:
    """Wait until both cores answer; after a crash they first replay what was being written."""
    log = layout.folder("logs") / "solr.log"
    wait_for(layout.solr_port, "Solr", log)
    limit = time.monotonic() + CORES_TIMEOUT_S
    while not all(_answers(layout, core) for core in CORES):
        if time.monotonic() > limit:
            raise SetUpError(f"{end_of(log)}\n\nSolr ne charge pas son index. Journal : {log}")
        time.sleep(0.2)


def _answers(layout: Layout, core: str) -> bool:
    url = f"http://127.0.0.1:{layout.solr_port}/solr/{core}/select?q=*:*&rows=0"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


def is_running(layout: Layout) -> bool:
    """Say whether it is our Solr that listens."""
    return pids.is_alive(layout, "solr") and is_listening(layout.solr_port)


def stop(layout: Layout) -> None:
    """Stop Solr when it runs."""
    pids.stop(layout, "solr")

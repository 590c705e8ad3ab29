"""Checks of PostgreSQL, Redis and Solr, asked directly."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from deployment.doctor.finding import Finding, fault, fine
from deployment.layout import Layout
from deployment.postgres import cluster

TIMEOUT_S = 10
TABLES_SQL = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"


def check_databases(layout: Layout) -> Iterator[Finding]:
    """Can the databases be reached, and do they hold tables?"""
    import psycopg2

    try:
        with cluster.cursor_of(layout, "ckan") as cursor:
            cursor.execute(TABLES_SQL)
            tables = cursor.fetchone()[0]
            cursor.execute("SELECT pg_size_pretty(sum(pg_database_size(oid))) FROM pg_database")
            size = cursor.fetchone()[0]
            cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'postgis'")
            postgis = cursor.fetchone()
    except psycopg2.Error as cause:
        told = str(cause).strip().splitlines()[0]
        yield fault("base de données", f"injoignable : {told}", "Tapez « make services ».")
        return
    if not tables or not postgis:
        yield fault("base de données", "tables ou PostGIS absents", "Tapez « make services ».")
    else:
        yield fine("base de données", f"{tables} tables, {size}, PostGIS {postgis[0]}")


def check_redis(layout: Layout) -> Iterator[Finding]:
    """Does Redis answer, and refuse callers without the password?"""
    import redis

    place = {"host": "127.0.0.1", "port": layout.redis_port, "socket_timeout": TIMEOUT_S}
    try:
        memory = redis.Redis(**place, password=layout.secret()["redis"]).info("memory")
    except redis.RedisError as cause:
        yield fault("file d’attente (Redis)", f"injoignable : {cause}", "Tapez « make services ».")
        return
    try:
        redis.Redis(**place).ping()
        yield fault("file d’attente (Redis)", "répond sans mot de passe",
                    "Arrêtez puis relancez : make stop && make demo")  # fmt: skip
    except redis.RedisError:
        yield fine("file d’attente (Redis)", f"{memory['used_memory'] / 1e6:.0f} Mo en mémoire")


def check_solr(layout: Layout) -> Iterator[Finding]:
    """Does the core answer, with our schema: French words, shapes on the map?"""
    core = f"http://127.0.0.1:{layout.solr_port}/solr/ckan"
    try:
        found = _get(f"{core}/select?q=*:*&rows=0")["response"]["numFound"]
        fields = {f["name"]: f for f in _get(f"{core}/schema/fields")["fields"]}
        types = {t["name"]: t for t in _get(f"{core}/schema/fieldtypes")["fieldTypes"]}
    except (OSError, urllib.error.URLError, ValueError, KeyError) as cause:
        yield fault("recherche (Solr)", f"injoignable : {cause}", "Tapez « make services ».")
        return
    is_french = "Elision" in json.dumps(types.get("text", {})) and "words_spelt" in fields
    if "spatial_geom" not in fields or not is_french:
        yield fault("recherche (Solr)", "le schéma n’est pas le nôtre",
                    f"Tapez : rm {layout.home}/stamps/solr-cores && make services")  # fmt: skip
    else:
        yield fine("recherche (Solr)", f"{found} documents, schéma français et cartographique")


def check_ogc(layout: Layout) -> Iterator[Finding]:
    """Does the process of maps and GIS read the published tables?"""
    part = "cartes et SIG (OGC API)"
    try:
        found = _get(f"http://127.0.0.1:{layout.ogc_port}/collections")["numberMatched"]
    except (OSError, urllib.error.URLError, ValueError, KeyError) as cause:
        yield fault(part, f"ne répond pas : {cause}",
                    f"Tapez « make demo » ; journal : {layout.home}/logs/ogc.log")  # fmt: skip
        return
    yield fine(part, f"{found} tables publiées")


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
        return json.load(answer)

"""Lines to the stores and to a source that pass through our proxy, and what a line can do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from ckan import model
from ckan.common import config
from ckan.lib import redis as ckan_redis
from sqlalchemy import event, text

from tests.faults.hurried import READ_S
from tests.faults.stories import Town
from tests.tcp_proxy import LOOPBACK, Fault, Kind, Proxy, Way, proxying

# after so many bytes: the sentence has begun, whatever the store
FAULTS = {
    "cut on the way back": Fault(Kind.CUT, Way.DOWN, 3_000),
    "cut on the way there": Fault(Kind.CUT, Way.UP, 3_000),
    "reset on the way back": Fault(Kind.RESET, Way.DOWN, 3_000),
    "reset on the way there": Fault(Kind.RESET, Way.UP, 300),
    "half closed on the way back": Fault(Kind.HALF_CLOSE, Way.DOWN, 3_000),
    "half closed on the way there": Fault(Kind.HALF_CLOSE, Way.UP, 3_000),
    "silent": Fault(Kind.HOLD, Way.DOWN, 1_000, budget_s=READ_S + 0.5),
    "late": Fault(Kind.DELAY, Way.DOWN, pause_s=0.02, budget_s=2),
    "dripping": Fault(Kind.DRIP, Way.DOWN, pause_s=0.001, budget_s=2),
    "refused": Fault(Kind.REFUSE),
}
STORES = ("postgresql", "redis", "solr", "source")


@contextmanager
def line_to(store: str, place: Town, patch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Let this process, and those it forks, speak to a store through a proxy."""
    with proxying(_port_of(store, place)) as proxy:
        if store == "postgresql":
            with _postgresql(proxy):
                yield proxy
            return
        if store == "redis":
            patch.setitem(config, "ckan.redis.url", _moved(config["ckan.redis.url"], proxy))
            patch.setattr(ckan_redis, "_connection_pool", None)
        elif store == "solr":
            patch.setitem(config, "solr_url", _moved(config["solr_url"], proxy))
        else:
            _move_source(place, proxy, patch)
        yield proxy


@contextmanager
def postgresql_through() -> Iterator[Proxy]:
    """Let this process speak to PostgreSQL through a proxy."""
    port = urlsplit(config["sqlalchemy.url"]).port or 0
    with proxying(port) as proxy, _postgresql(proxy):
        yield proxy


def _port_of(store: str, place: Town) -> int:
    keys = {"redis": "ckan.redis.url", "solr": "solr_url", "postgresql": "sqlalchemy.url"}
    address = config[keys[store]] if store in keys else place.portal.url
    return urlsplit(address).port or 0


def _moved(address: str, proxy: Proxy) -> str:
    return address.replace(f":{urlsplit(address).port}", f":{proxy.port}")


@contextmanager
def _postgresql(proxy: Proxy) -> Iterator[None]:
    engine = model.meta.engine

    def through_proxy(dialect: object, record: object, args: object, params: dict[str, object]):  # type: ignore[no-untyped-def]
        params |= {"host": LOOPBACK, "port": proxy.port}

    model.Session.remove()
    engine.dispose()
    event.listen(engine, "do_connect", through_proxy)
    try:
        yield
    finally:
        event.remove(engine, "do_connect", through_proxy)
        model.Session.remove()
        engine.dispose()


def _move_source(place: Town, proxy: Proxy, patch: pytest.MonkeyPatch) -> None:
    host = f"{LOOPBACK}:{proxy.port}"
    patch.setenv("TERRITOIRE_ALLOWED_PRIVATE_HOSTS", host)
    query = text("UPDATE harvest_source SET url = :url WHERE id = :id")
    model.Session.execute(query, {"url": f"http://{host}", "id": place.source.id})
    model.Session.commit()

"""A line to PostgreSQL that goes mute is given up, whoever opened it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from ckan import model
from ckan.common import config
from ckanext.datastore.backend import postgres
from sqlalchemy.exc import OperationalError

from ckanext.territoire.delivery.database import read
from ckanext.territoire.postgres_line import LINE
from tests.ckan.child import start_child
from tests.tcp_proxy import Fault, Kind, Way, proxying

ENGINES: dict[str, Callable[[], Any]] = {
    "catalogue": lambda: model.meta.engine,
    "tables, written": postgres.get_write_engine,
    "tables, read": postgres.get_read_engine,
}
OPTIONS = {
    socket.TCP_KEEPIDLE: LINE["keepalives_idle"],
    socket.TCP_KEEPINTVL: LINE["keepalives_interval"],
    socket.TCP_KEEPCNT: LINE["keepalives_count"],
    socket.TCP_USER_TIMEOUT: LINE["tcp_user_timeout"],
}


@pytest.mark.fault(14)
@pytest.mark.usefixtures("with_plugins")
@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_watches_its_line(name: str) -> None:
    engine = ENGINES[name]()
    engine.dispose()
    with engine.connect() as connection:
        line = socket.socket(fileno=os.dup(connection.connection.fileno()))
    with line:
        assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        found = {option: line.getsockopt(socket.IPPROTO_TCP, option) for option in OPTIONS}
    assert found == OPTIONS


@pytest.mark.fault(14)
@pytest.mark.usefixtures("with_plugins")
def test_a_server_that_takes_the_call_and_says_nothing_is_given_up() -> None:
    address = sa.make_url(config["sqlalchemy.url"])
    with proxying(address.port or 0) as proxy:
        proxy.play(Fault(Kind.HOLD, Way.DOWN, budget_s=60))
        engine = sa.create_engine(address.set(port=proxy.port), poolclass=sa.NullPool)
        with pytest.raises(OperationalError, match="timeout"):
            engine.connect()
        proxy.play(None)
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT 1")) == 1


@pytest.mark.usefixtures("with_plugins")
def test_what_an_address_says_itself_stays() -> None:
    address = sa.make_url(config["sqlalchemy.url"]).update_query_dict({"keepalives_idle": "77"})
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.connect() as connection:
        line = socket.socket(fileno=os.dup(connection.connection.fileno()))
        with line:
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 77


def _servers() -> set[int]:
    """The processes of PostgreSQL that serve this one: for the catalogue, for the DataStore."""
    asked = "SELECT pg_backend_pid() AS pid"
    with model.meta.engine.connect() as connection:
        catalogue = int(connection.scalar(sa.text(asked)) or 0)
    return {catalogue, *(row["pid"] for row in read(asked))}


@pytest.mark.usefixtures("with_plugins")
def test_a_process_that_is_forked_never_speaks_on_the_lines_of_its_parent() -> None:
    ours = _servers()
    assert len(ours) == 2
    child = start_child(lambda: os._exit(len(_servers() & ours)))
    child.join(60)
    assert child.exitcode == 0
    assert _servers() == ours  # and it has closed none of them

# SPDX-License-Identifier: Apache-2.0
"""The plugin that pytest finds when linnet is installed: a simulated world as a fixture.

``lwm2m_sim`` is a :class:`linnet.World`, ``lwm2m_server`` a server in it, ``lwm2m_client`` a client that is
registered there. Marks of the same names give them their arguments::

    @pytest.mark.lwm2m_client("kitchen", lifetime=60)
    def test_goes_offline(lwm2m_sim, lwm2m_server, lwm2m_client):
        lwm2m_sim.link(lwm2m_client).down()
        lwm2m_sim.advance(hours=1)
        assert "kitchen" not in lwm2m_server.registrations

When a test fails, the report shows what was on the wire.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from .client import Client
    from .server import Server
    from .sim import World
    from .traffic import Traffic

_ENDPOINT = "kitchen"
#: How many datagrams the report of a failure shows.
_SHOWN = 60
_MARKS = {
    "lwm2m_sim(seed=N)": "arguments of linnet.World for the fixture",
    "lwm2m_server(listen, **options)": "arguments of World.server for the fixture",
    "lwm2m_client(endpoint, **options)": "arguments of World.client for the fixture",
}
_KEY: pytest.StashKey[tuple[World, Traffic]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--lwm2m-seed``."""
    parser.getgroup("linnet").addoption(
        "--lwm2m-seed",
        type=int,
        default=1,
        metavar="N",
        help="seed of the simulated worlds of lwm2m_sim (default 1); the same seed gives the same run",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Says which marks there are."""
    for mark, words in _MARKS.items():
        config.addinivalue_line("markers", f"{mark}: {words}")


def _arguments(request: pytest.FixtureRequest, name: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    mark = request.node.get_closest_marker(name)
    return (mark.args, dict(mark.kwargs)) if mark is not None else ((), {})


@pytest.fixture
def lwm2m_sim(request: pytest.FixtureRequest) -> Iterator[World]:
    """A simulated world (linnet.World): a virtual clock, a network as bad as you like. Closed at the end."""
    from .sim import World

    positional, options = _arguments(request, "lwm2m_sim")
    if not positional:
        options.setdefault("seed", request.config.getoption("--lwm2m-seed"))
    with World(*positional, **options) as world:
        request.node.stash[_KEY] = world, world.record(_SHOWN)
        yield world


@pytest.fixture
def lwm2m_server(request: pytest.FixtureRequest, lwm2m_sim: World) -> Server:
    """A server (linnet.Server) in the world of lwm2m_sim."""
    positional, options = _arguments(request, "lwm2m_server")
    return lwm2m_sim.server(*positional, **options)


@pytest.fixture
def lwm2m_client(request: pytest.FixtureRequest, lwm2m_sim: World, lwm2m_server: Server) -> Client:
    """A client (linnet.Client) called "kitchen", if no mark names it, registered with lwm2m_server."""
    positional, options = _arguments(request, "lwm2m_client")
    endpoint, *rest = positional or (options.pop("endpoint", _ENDPOINT),)
    if not rest:
        options.setdefault("server", lwm2m_server)
    return lwm2m_sim.client(endpoint, *rest, **options)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Adds what was on the wire to the report of a failure."""
    outcome = yield
    report = cast(pytest.TestReport, outcome.get_result())
    if report.failed and report.when != "teardown" and _KEY in item.stash:
        world, traffic = item.stash[_KEY]
        title = f"LwM2M traffic (virtual time {world.now:g} s, seed {world.seed})"
        report.sections.append((title, str(traffic) or "(nothing was sent)"))

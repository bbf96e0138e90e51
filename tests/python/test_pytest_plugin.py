# SPDX-License-Identifier: Apache-2.0
"""The plugin of pytest: its fixtures, marks and what it adds to the report of a failure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> object:
    """Runs a test file in a pytest that knows the plugin, in this process."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def run(code: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(code)
        return pytester.runpytest_inprocess(
            "-p", "linnet.pytest_plugin", "-p", "no:cacheprovider", "--strict-markers", *options
        )

    return run


def test_the_example_of_the_documentation_passes(run) -> None:  # type: ignore[no-untyped-def]
    [example] = re.findall(
        r"^```python\n(def test_goes_offline\(.*?)^```", (ROOT / "docs/api.md").read_text(), re.M | re.S
    )
    run(example).assert_outcomes(passed=1)


def test_clients_are_registered_when_a_test_has_them(run) -> None:  # type: ignore[no-untyped-def]
    run(
        """
        def test_them(lwm2m_sim, lwm2m_server, lwm2m_client):
            assert lwm2m_client.registered
            assert lwm2m_server.device("kitchen").read("/3/0/16") == "U"
            other = lwm2m_sim.client("cellar", lifetime=60)
            assert sorted(lwm2m_server.registrations) == ["cellar", "kitchen"]
            lwm2m_sim.link(other).down()
            lwm2m_sim.advance(hours=1)
            assert list(lwm2m_server.registrations) == ["kitchen"]
        """
    ).assert_outcomes(passed=1)


def test_marks_give_the_arguments(run) -> None:  # type: ignore[no-untyped-def]
    run(
        """
        import pytest

        @pytest.mark.lwm2m_sim(seed=7)
        @pytest.mark.lwm2m_server("coap://10.0.0.9:5683", queue_time=60)
        @pytest.mark.lwm2m_client("pump", lifetime=60, binding="UQ")
        def test_them(lwm2m_sim, lwm2m_server, lwm2m_client):
            assert lwm2m_sim.seed == 7
            assert lwm2m_server.listen == ("coap://10.0.0.9:5683",)
            device = lwm2m_server.registrations["pump"]
            assert (device.lifetime, device.binding) == (60, "UQ")

        @pytest.mark.lwm2m_client(endpoint="idle", start=False)
        def test_by_name(lwm2m_server, lwm2m_client):
            assert lwm2m_client.state() == "idle"
            assert not lwm2m_server.registrations

        def test_without(lwm2m_sim, lwm2m_client):
            assert lwm2m_sim.seed == 42
            assert lwm2m_client.endpoint == "kitchen"
        """,
        "--lwm2m-seed=42",
    ).assert_outcomes(passed=3)


def test_a_failure_shows_what_was_on_the_wire(run) -> None:  # type: ignore[no-untyped-def]
    result = run(
        """
        def test_fails(lwm2m_server, lwm2m_client):
            assert lwm2m_server.device("kitchen").read("/3/0/16") == "S"

        def test_passes(lwm2m_client):
            pass
        """
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*LwM2M traffic (virtual time 0.* s, seed 1)*",
            "*kitchen -> server  CON POST /rd?*ep=kitchen*",
            "*server -> kitchen  ACK 2.01 Created Location-Path:rd/*",
            "*server -> kitchen  CON GET /3/0/16",
            "*kitchen -> server  ACK 2.05 Content * c11055",
        ]
    )
    assert result.stdout.str().count("LwM2M traffic") == 1


def test_a_client_that_cannot_register_says_why(run) -> None:  # type: ignore[no-untyped-def]
    result = run(
        """
        import pytest

        @pytest.mark.lwm2m_client("kitchen", lifetime=-5)
        def test_range(lwm2m_client):
            pass

        @pytest.mark.lwm2m_client("kitchen", "coap://10.9.9.9")
        def test_nobody_there(lwm2m_client):
            pass

        def test_no_server(lwm2m_sim):
            lwm2m_sim.client("kitchen")
        """
    )
    result.assert_outcomes(failed=1, errors=2)
    result.stdout.fnmatch_lines_random(
        [
            "*client 'kitchen' has no server to register with*",
            "*waited 600 s for 'kitchen' to be registered with coap://10.9.9.9: *",
            "*kitchen -> 10.9.9.9:5683  CON POST /rd?*",
        ]
    )


def test_worlds_are_closed_at_the_end(run) -> None:  # type: ignore[no-untyped-def]
    run(
        """
        seen = []

        def test_first(lwm2m_sim, lwm2m_server, lwm2m_client):
            seen.extend([lwm2m_server, lwm2m_client])

        def test_then(lwm2m_sim):
            assert [role.closed for role in seen] == [True, True]
        """
    ).assert_outcomes(passed=2)


def test_the_fixtures_are_told_of(run) -> None:  # type: ignore[no-untyped-def]
    shown = run("def test(): pass", "--fixtures").stdout.str()
    for name in ("lwm2m_sim", "lwm2m_server", "lwm2m_client"):
        assert re.search(rf"^{name}\b", shown, re.M), shown

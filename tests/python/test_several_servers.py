# SPDX-License-Identifier: Apache-2.0
"""Access among several servers, queue mode, another root, confirmation (digest 8, 9; MOD-10)."""

from __future__ import annotations

import linnet
import pytest


def test_rights_are_asked_for_with_several_servers(world: linnet.World) -> None:
    first = linnet.Server("coap://10.0.0.1:5683", world=world)
    second = linnet.Server("coap://10.0.0.2:5683", world=world)
    client = linnet.Client("kitchen", server="coap://10.0.0.1", world=world)
    client.device.manufacturer = "ACME"
    client.add_server("coap://10.0.0.2", short_server_id=2)
    client.set_owner("/3/0", 1)
    client.set_access("/3/0", 2, "read")
    with first, second, client:
        client.wait_registered(10)
        assert first.wait_for("kitchen").read("/3/0/0") == "ACME"
        assert second.wait_for("kitchen").read("/3/0/0") == "ACME"
        first.device("kitchen").write("/3/0/14", "+01:00")
        with pytest.raises(linnet.ResponseError, match=r"4\.01"):
            second.device("kitchen").write("/3/0/14", "+02:00")
        with pytest.raises(linnet.ResponseError, match=r"4\.01"):
            first.device("kitchen").read("/1/0")
        assert client.access("/3/0", 1) == {"read", "write", "execute", "delete"}
        assert client.access("/3/0", 2) == {"read"}
        assert client.access("/3303", 2) == set()
        client.set_access("/3303", 2, "create")
        assert client.access("/3303", 2) == {"create"}


def test_rights_that_nobody_was_given_are_a_warning(
    world: linnet.World, caplog: pytest.LogCaptureFixture
) -> None:
    """AMB-13: the servers get 4.01 for everything, which somebody who adds a second one may not know."""
    client = linnet.Client("kitchen", server="coap://10.0.0.1", world=world)
    client.add_server("coap://10.0.0.2", short_server_id=2)
    client.start()
    world.settle()
    assert "several servers, and none was given a right" in caplog.text
    caplog.clear()
    other = linnet.Client("cellar", server="coap://10.0.0.1", world=world)
    other.add_server("coap://10.0.0.2", short_server_id=2)
    other.set_owner("/3/0", 1)
    other.start()
    world.settle()
    assert "cellar" not in caplog.text


def test_wrong_rights_are_refused(world: linnet.World) -> None:
    client = linnet.Client("kitchen", world=world)
    with pytest.raises(ValueError, match="reed"):
        client.set_access("/3/0", 1, "reed")
    with pytest.raises(linnet.InvalidArgument):
        client.set_access("/3/0", 1, "create")


def test_a_client_in_queue_mode_falls_asleep_and_wakes(world: linnet.World) -> None:
    server = linnet.Server("coap://10.0.0.1:5683", world=world)
    client = linnet.Client("kitchen", server="coap://10.0.0.1", binding="UQ", lifetime=600, world=world)
    kinds: list[str] = []
    for kind in ("asleep", "awake"):
        client.on(kind, lambda event: kinds.append(event.kind))
    with server, client:
        client.wait_registered(10)
        left = client.awake_for()
        assert left is not None
        assert 92 < left <= 93
        world.advance(seconds=94)
        assert client.awake_for() == 0
        assert kinds == ["asleep"]
        client.update()
        world.advance(seconds=1)
        assert kinds == ["asleep", "awake"]
    assert client.awake_for() == 0


def test_objects_live_below_another_root(world: linnet.World) -> None:
    server = linnet.Server("coap://10.0.0.1:5683", world=world)
    client = linnet.Client("kitchen", server="coap://10.0.0.1", world=world)
    client.set_root("/lwm2m")
    client.set_confirmable(False)
    client.set_sms_number("15550100")
    client.device.manufacturer = "ACME"
    with server, client:
        assert server.wait_for("kitchen").read("/3/0/0") == "ACME"
        client.register_anew()
        world.advance(seconds=1)
        assert server.device("kitchen").read("/3/0/0") == "ACME"
        with pytest.raises(linnet.InvalidArgument):
            client.set_root("/1")

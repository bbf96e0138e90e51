# SPDX-License-Identifier: Apache-2.0
"""LwM2M over SMS in a simulated world: bindings S, SQ, US, UQS (sms.md; lwm2m-1.0.md, section 9)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import linnet
import pytest
from kitchen import Temperature

SERVER, CLIENT = "+15550100", "+15550111"
UDP = "coap://10.0.0.1:5683"


class Stage:
    """A server and a client, each with a phone, and what passed between them."""

    def __init__(self, binding: str, server: str, **options: Any) -> None:
        self.world = linnet.World(seed=11)
        self.world.network.set(delay_ms=50)
        self.server = linnet.Server(UDP, world=self.world, sms=linnet.SmsTransport(number=SERVER))
        self.client = linnet.Client(
            "kitchen",
            server=server,
            binding=binding,
            server_number=SERVER if server == UDP else None,
            sms=linnet.SmsTransport(number=CLIENT, **options),
            world=self.world,
            lifetime=86400,
        )
        self.passed: list[tuple[str, str]] = []
        self.world.watch(self._see)
        self.world.phone(self.client).set(delay_ms=4000)

    def _see(self, ms: int, source: str | None, destination: str | None, data: bytes, lost: bool) -> None:
        by = "sms" if source is not None and source.startswith("sms:") else "udp"
        self.passed.append((by, "out" if source in (f"sms:{CLIENT}", self.client.local) else "in"))

    def channels(self, call: Callable[[], object]) -> set[str]:
        """Over what the datagrams of a call passed."""
        self.passed.clear()
        call()
        self.world.settle()
        return {by for by, _ in self.passed}


@pytest.mark.parametrize("binding", ["S", "SQ"])
def test_everything_by_sms_que_10(binding: str) -> None:
    stage = Stage(binding, f"sms:{SERVER}")
    client, server = stage.client, stage.server
    sensor = client.add(Temperature(0))
    assert stage.channels(client.start) == {"sms"}
    device = server.wait_for("kitchen", timeout=600)
    assert (device.binding, device.sms_number, device.address) == (binding, "15550111", "sms:+15550111")
    assert client.local == "sms:+15550111"
    assert server.listen == ("coap://10.0.0.1:5683", "sms:+15550100")
    client.device.manufacturer = "ACME"
    assert stage.channels(lambda: device.read("/3/0/0") == "ACME") == {"sms"}
    assert stage.channels(lambda: device.write("/3303/0/5750", "oven")) == {"sms"}
    assert sensor.label == "oven"
    observation = device.observe("/3303/0/5700")
    sensor.value = 21.5
    assert stage.channels(lambda: observation.next(timeout=60)) == {"sms"}
    assert stage.channels(lambda: stage.world.advance(hours=24)) == {"sms"}  # the Update in time
    assert device.registered
    assert stage.channels(client.close) <= {"sms"}


@pytest.mark.parametrize("binding", ["US", "UQS"])
def test_registers_over_udp_with_both_que_10(binding: str) -> None:
    stage = Stage(binding, UDP)
    client, server = stage.client, stage.server
    assert stage.channels(client.start) == {"udp"}
    device = server.wait_for("kitchen", timeout=60)
    assert (device.binding, device.sms_number) == (binding, "15550111")
    assert stage.channels(lambda: device.read("/3/0/16")) == {"udp"}
    assert stage.channels(client.update) == {"udp"}


def test_a_body_larger_than_one_sms_sms_11() -> None:
    """In blocks, each in one SMS."""
    stage = Stage("S", f"sms:{SERVER}")
    sizes: list[int] = []
    stage.world.watch(lambda ms, source, destination, data, lost: sizes.append(len(data)))
    for instance in range(20):
        stage.client.add(Temperature(instance))
    stage.client.start()
    device = stage.server.wait_for("kitchen", timeout=3600)
    assert "/3303/19" in device.objects
    long = "very " * 30
    device.write("/3303/7/5750", long)
    assert device.read("/3303/7/5750") == long
    assert max(sizes) <= 14 + 140  # a SUBMIT with 140 octets


def test_what_fits_in_one_sms_is_one_sms() -> None:
    stage = Stage("S", f"sms:{SERVER}")
    stage.client.start()
    stage.server.wait_for("kitchen", timeout=600)
    stage.world.advance(seconds=10)
    assert stage.passed == [("sms", "out"), ("sms", "in")]


def test_messages_in_parts_sms_10() -> None:
    stage = Stage("S", f"sms:{SERVER}", parts=4)
    stage.client.start()
    device = stage.server.wait_for("kitchen", timeout=3600)
    stage.world.phone(stage.client).set(reordering=0.5)
    assert device.read("/3/0")["/3/0/16"] == "S"


def test_messages_of_strangers_are_ignored_sms_05() -> None:
    stage = Stage("S", f"sms:{SERVER}")
    stage.client.start()
    stage.server.wait_for("kitchen", timeout=600)
    stage.world.advance(seconds=10)
    stage.passed.clear()
    read = bytes.fromhex("44011234 01020304 B133 0130 0130")
    for number, answered in (("+15550101", False), (SERVER, True)):
        with stage.client._runner:
            phone = stage.client._transports[0]
            phone.receive_sms(linnet.build_short_message("deliver", number, read))
        stage.world.advance(seconds=10)
        assert bool(stage.passed) == answered


def test_a_lost_message_is_not_sent_again_sms_02_sms_16() -> None:
    stage = Stage("S", f"sms:{SERVER}")
    stage.client.start()
    device = stage.server.wait_for("kitchen", timeout=600)
    stage.client.wait_registered(60)
    stage.world.phone(stage.client).set(loss=1.0)
    stage.passed.clear()
    before = stage.world.now
    with pytest.raises(linnet.TimeoutError):
        device.read("/3/0/0")
    assert stage.passed == [("sms", "in")]
    assert 299 <= stage.world.now - before <= 301


def test_a_phone_that_is_off_gets_its_messages_later() -> None:
    stage = Stage("S", f"sms:{SERVER}")
    stage.client.start()
    device = stage.server.wait_for("kitchen", timeout=600)
    stage.client.wait_registered(60)
    stage.world.phone(stage.client).down()
    with pytest.raises(linnet.TimeoutError):
        device.write("/1/0/1", 3600, timeout=100)
    assert stage.world.stored(f"sms:{CLIENT}") == 1
    stage.world.phone(stage.client).up()
    stage.world.advance(seconds=30)
    assert stage.client.get("/1/0/1") == 3600


def test_who_cannot_be_reached_is_not_waited_for() -> None:
    """The centre keeps nothing for a phone that is off, and says so (TP-SRR, TP-ST)."""
    stage = Stage("S", f"sms:{SERVER}")
    stage.server.close()
    stage.server = linnet.Server((), world=stage.world, sms=linnet.SmsTransport(number=SERVER, reports=True))
    stage.client.start()
    device = stage.server.wait_for("kitchen", timeout=600)
    stage.client.wait_registered(60)
    assert device.read("/3/0/16") == "S"  # reports of what was delivered mean nothing
    stage.world.phone(stage.client).set(store=0)
    stage.world.phone(stage.client).down()
    before = stage.world.now
    with pytest.raises(linnet.TimeoutError):
        device.read("/3/0/0")
    assert stage.world.now - before < 30


def test_the_centre_takes_no_more_than_it_is_set_to() -> None:
    stage = Stage("S", f"sms:{SERVER}")
    stage.world.phone(stage.client).set(mtu=60)
    stage.client.start()
    stage.world.advance(seconds=60)
    assert "kitchen" not in stage.server.registrations
    stage.world.phone(stage.client).set(mtu=140)
    stage.client.register_anew()
    stage.server.wait_for("kitchen", timeout=600)


def test_a_bad_radio_is_got_over_sms_02() -> None:
    """Loss, doubling, reordering and delay: what is lost is asked anew by the application, not by CoAP."""
    stage = Stage("S", f"sms:{SERVER}")
    stage.client.start()
    device = stage.server.wait_for("kitchen", timeout=600)
    stage.client.wait_registered(60)
    stage.world.phone(stage.client).set(loss=0.2, duplication=0.3, reordering=0.3, jitter_ms=20000)
    answered = 0
    for _ in range(20):
        with contextlib.suppress(linnet.TimeoutError):
            assert device.read("/3/0/16") == "S"
            answered += 1
    assert 5 <= answered < 20


# ---- which way a request goes, and what wakes a device ---------------------------------------------------


def test_a_request_by_sms_to_a_device_registered_over_udp_sms_07() -> None:
    stage = Stage("US", UDP)
    stage.client.start()
    device = stage.server.wait_for("kitchen", timeout=60)
    assert stage.channels(lambda: device.over("sms").read("/3/0/16")) == {"sms"}
    assert stage.channels(lambda: device.read("/3/0/16")) == {"udp"}
    assert stage.channels(lambda: device.over("udp").read("/3/0/16")) == {"udp"}
    with pytest.raises(linnet.StateError, match="notifications of a device that is registered over UDP"):
        device.over("sms").observe("/3/0/13")
    with pytest.raises(linnet.InvalidArgument, match="no channel"):
        device.over("pigeon")


def test_says_why_a_device_cannot_be_asked_that_way() -> None:
    stage = Stage("U", UDP)
    stage.client.start()
    device = stage.server.wait_for("kitchen", timeout=60)
    with pytest.raises(linnet.StateError, match=r"read /3/0/0 of kitchen: its binding has no SMS"):
        device.over("sms").read("/3/0/0")
    by_sms = Stage("S", f"sms:{SERVER}")
    by_sms.client.start()
    other = by_sms.server.wait_for("kitchen", timeout=600)
    with pytest.raises(linnet.StateError, match="it is registered over SMS"):
        other.over("udp").read("/3/0/0")


def asleep(stage: Stage) -> linnet.Device:
    """A device that registered and then fell asleep, its radio off for UDP."""
    stage.client.start()
    device = stage.server.wait_for("kitchen", timeout=60)
    stage.client.wait_registered(60)
    stage.world.advance(seconds=200)
    assert stage.client.awake_for() == 0
    stage.world.link(stage.client).down()
    stage.client.on("awake", lambda event: stage.world.link(stage.client).up())
    stage.passed.clear()
    return device


def test_a_trigger_wakes_a_device_that_then_answers_over_udp_que_09_sms_13() -> None:
    stage = Stage("UQS", UDP)
    device = asleep(stage)
    wanted: list[str] = []
    stage.server.on("trigger-wanted", lambda device, event: wanted.append(event.text))
    before = stage.world.now
    assert device.read("/3/0/16") == "UQS"
    assert stage.world.now - before < 93  # within the awake window
    assert wanted == ["15550111"]
    assert stage.passed[0] == ("sms", "in")  # the trigger, ...
    assert [step for step in stage.passed if step[0] == "sms"] == [("sms", "in"), ("sms", "out")]
    assert stage.passed[-1] == ("udp", "out")  # ... and the answer to what was queued


def test_a_device_is_asked_by_sms_though_it_sleeps_que_09() -> None:
    stage = Stage("UQS", UDP)
    device = asleep(stage)
    assert device.over("sms").read("/3/0/16") == "UQS"
    assert {by for by, _ in stage.passed} == {"sms"}
    assert stage.server._core.is_awake(device.registration) is False  # that it reads SMS tells nothing of UDP


def test_the_application_may_trigger_by_itself_sms_13() -> None:
    stage = Stage("UQS", UDP)
    stage.server.close()
    stage.world.settle()
    manual = linnet.Server(
        UDP, world=stage.world, triggers=False, sms=linnet.SmsTransport(number=SERVER), queue_time=600
    )
    stage.server = manual
    device = asleep(stage)
    with pytest.raises(linnet.TimeoutError):
        device.read("/3/0/16", timeout=60)
    assert stage.passed == []
    updates: list[str] = []
    manual.on("updated", lambda device, event: updates.append(device.address))
    device.trigger()
    stage.world.advance(seconds=5)
    assert updates == [stage.client.local]
    assert device.read("/3/0/16") == "UQS"


def test_a_device_in_sq_is_awake_for_as_long_as_answers_take_sms_15() -> None:
    stage = Stage("SQ", f"sms:{SERVER}")
    stage.client.start()
    device = stage.server.wait_for("kitchen", timeout=600)
    stage.client.wait_registered(60)
    stage.world.advance(seconds=280)
    assert device.read("/3/0/16") == "SQ"
    stage.world.advance(seconds=310)
    with pytest.raises(linnet.TimeoutError):
        device.read("/3/0/16", timeout=30)  # it waits
    stage.client.update()
    assert device.read("/3/0/16") == "SQ"


def test_says_that_a_number_takes_what_carries_short_messages() -> None:
    with pytest.raises(linnet.InvalidArgument, match=r"sms:\+15550100 takes what carries short messages"):
        linnet.Client("kitchen", server=f"sms:{SERVER}", world=linnet.World(seed=1))
    client = linnet.Client("kitchen", world=linnet.World(seed=1))
    with pytest.raises(linnet.InvalidArgument, match="takes what carries short messages"):
        client.add_bootstrap_server(f"sms:{SERVER}")

# SPDX-License-Identifier: Apache-2.0
"""``linnet demo``: a server and a device on loopback, in one process, and what passes between them."""

from __future__ import annotations

import argparse
from typing import Any

from ..client import Client
from ..errors import Error
from ..objects import Object, Resource, executable
from ..server import Server
from . import output

PATIENCE_S = 10.0


class Thermometer(Object, id=3303):
    """IPSO Temperature: something to measure, to name and to reset."""

    value = Resource(5700, float, "R", default=20.5, name="Sensor Value", units="Cel")
    lowest = Resource(5601, float, "R", default=20.5, name="Min Measured Value", units="Cel")
    label = Resource(5750, str, "RW", default="kitchen wall", name="Application Type")

    @executable(5605, name="Reset Min and Max Measured Values")
    def reset(self, arguments: dict[int, str]) -> None:
        """Forgets the lowest value."""
        self.lowest = self.value


def add_parser(commands: Any) -> None:
    """Adds the command line of this command."""
    parser = commands.add_parser(
        "demo",
        help="a server and a device talk to each other; watch them",
        description="Runs a server and a client on loopback and shows what they say. It takes a moment.",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Shows it all, and ends."""
    console = output.console()

    def step(title: str, words: str) -> None:
        console.print(f"\n[bold blue]{title}[/bold blue]\n{words}")

    with Server("coap://127.0.0.1:0", timeout=PATIENCE_S) as server:
        server.model.add_object(3303, "Temperature")
        for known in Thermometer.definitions():
            server.model.declare(3303, known)
        step("Server", f"A server listens on [green]{server.listen[0]}[/green].")
        client, sensor = _client(server.listen[0])
        client.start()
        device = server.wait_for("kitchen", PATIENCE_S)
        step(
            "Register",
            f"A device called [green]{device.endpoint}[/green] registered from {device.address}, "
            f"for {device.lifetime} s.\n"
            f"It has {', '.join(device.objects)}; the server keeps it as {device.location}.",
        )
        step("Read /3/0", "The server reads the Device object. Names come from its definition:")
        console.print(output.table_of(device.read_records("/3/0"), server.model))
        step("Write /3303/0/5750", 'The server calls the thermometer [green]"oven"[/green].')
        device.write("/3303/0/5750", "oven")
        console.print(f"The device now has label = {sensor.label!r}.")
        step("Execute /3303/0/5605", f"The server resets the minimum, which is {sensor.lowest:g} Cel.")
        device.execute("/3303/0/5605", {0: "now"})
        console.print(f"The device ran the method; the minimum is now {sensor.lowest:g} Cel.")
        step(
            "Observe /3303/0/5700",
            f"The server wants to know when {sensor.value:g} Cel changes. It gets warm:",
        )
        with device.observe("/3303/0/5700", timeout=PATIENCE_S) as observation:
            observation.next(PATIENCE_S)  # what it is now
            for number in range(1, 4):
                sensor.value = round(22.5 + 1.3 * number, 1)
                note = observation.next(PATIENCE_S)
                console.print(f"  notification {number}: [bold]{note.value} Cel[/bold]")
        client.stop(PATIENCE_S)
        if "kitchen" in server.registrations:
            raise Error("the device did not deregister")
        step("Deregister", "The device said goodbye; the server has no devices any more.")
    console.print(
        "\nNow you: [green]linnet server[/green] in one terminal and [green]linnet client --server "
        "coap://localhost[/green] in another."
    )
    return 0


def _client(uri: str) -> tuple[Client, Thermometer]:
    client = Client("kitchen", server=uri, lifetime=300)
    client.device.manufacturer = "ACME"
    client.device.model_number = "Thermo 3000"
    client.device.serial_number = "345000123"
    client.device.firmware_version = "1.0"
    client.device.available_power_sources = {0: 1, 1: 5}
    client.device.power_source_voltage = {0: 3800, 1: 5000}
    client.device.battery_level = 90
    sensor = client.add(Thermometer())
    sensor.lowest, sensor.value = 18.5, 22.5
    return client, sensor

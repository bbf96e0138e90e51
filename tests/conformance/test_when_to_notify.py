# SPDX-License-Identifier: Apache-2.0
"""When a change is told: section 4.1, written anew from the digest, beside clients with all attributes."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import pytest

from .coap import ACCEPT, TEXT, Message
from .kitchen import Kitchen

LENGTH_S = 300
#: Milliseconds between a notification and its arrival.
LATENESS_MS = 60


@dataclass
class Attributes:
    """Those of one resource. Without a period those of the Server object hold: the kitchen has 1 and 60."""

    pmin: int | None = None
    pmax: int | None = None
    gt: float | None = None
    lt: float | None = None
    st: float | None = None

    def query(self) -> list[str]:
        """As Write-Attributes has them."""
        return [f"{name}={value:g}" for name, value in vars(self).items() if value is not None]

    def thresholds(self) -> list[float]:
        """What a value may cross."""
        return [value for value in (self.gt, self.lt) if value is not None]

    def condition(self, told: int, value: int) -> bool:
        """``condition(P)``, ATT-11."""
        if not self.thresholds() and self.st is None:
            return value != told
        crossed = any(
            (told <= limit < value) or (told >= limit > value) for limit in self.thresholds()
        )  # fmt: skip
        stepped = self.st is not None and value != told and abs(value - told) >= self.st
        return crossed or stepped


@dataclass
class Expectation:
    """What has to be told, and when in milliseconds."""

    attributes: Attributes
    told: int
    at: int = 0
    value: int = 0
    notes: list[tuple[int, int]] = field(default_factory=list)

    def deadline(self) -> int | None:
        """When something is to be told if nothing changes any more (ATT-07, ATT-10, ATT-12)."""
        pmin = 1 if self.attributes.pmin is None else self.attributes.pmin
        pmax = 60 if self.attributes.pmax is None else self.attributes.pmax
        due = [self.at + 1000 * pmax] if pmax >= max(pmin, 1) else []
        if self.attributes.condition(self.told, self.value):
            due.append(self.at + 1000 * pmin)
        return min(due, default=None)

    def pass_until(self, now: int) -> None:
        """Tells what is due before."""
        while (due := self.deadline()) is not None and due <= now:
            self.tell(due)

    def change(self, now: int, value: int) -> None:
        """The resource has a new value."""
        self.pass_until(now)
        self.value = value
        due = self.deadline()
        if due is not None and due <= now:
            self.tell(now)

    def tell(self, now: int) -> None:
        """A notification."""
        self.told, self.at = self.value, now
        self.notes.append((now, self.value))


def some_attributes(chance: random.Random) -> Attributes:
    """Attributes that fit together (ATT-04)."""
    made = Attributes()
    if chance.random() < 0.6:
        made.pmin = chance.choice((0, 1, 3, 10))
    if chance.random() < 0.6:
        made.pmax = chance.choice((0, 2, 5, 20, 100))
    if chance.random() < 0.4:
        made.lt = chance.randrange(5, 40)
    if chance.random() < 0.4:
        made.gt = chance.randrange(60, 95)
    if chance.random() < 0.3:
        made.st = chance.choice((0, 3, 9.5))
    return made


@pytest.mark.parametrize("seed", range(40))
def test_att_10_it_is_told_when_the_digest_says(seed: int) -> None:
    """ATT-03, ATT-07, ATT-10 to ATT-12, and no notification besides."""
    chance = random.Random(seed)
    kitchen, attributes = Kitchen(), some_attributes(chance)
    if attributes.query():
        assert kitchen.assign("/3/0/9", *attributes.query()).code == "2.04"
    observe: Message = kitchen.message("/3/0/9").add(ACCEPT, TEXT)
    observation, first = kitchen.peer.observe("/3/0/9", observe)
    start = kitchen.network.now - 10  # when the response left
    expected = Expectation(attributes, told=int(first.payload), value=int(first.payload))
    now = 0
    while (now := now + chance.randrange(200, 12000)) < LENGTH_S * 1000:
        kitchen.network.run((start + now - kitchen.network.now) / 1000)
        likely = [expected.value, *(int(limit) for limit in attributes.thresholds())]
        value = chance.choice([*likely, chance.randrange(101), chance.randrange(101)])
        kitchen.client.set("/3/0/9", value)
        expected.change(now, value)
    kitchen.network.run((start + LENGTH_S * 1000 - kitchen.network.now) / 1000)
    expected.pass_until(LENGTH_S * 1000)
    kitchen.network.settle()
    found = [(note.time - start, int(note.message.payload)) for note in observation.notes[1:]]
    assert [value for _, value in found] == [value for _, value in expected.notes], attributes
    for (at, _), (due, _) in zip(found, expected.notes):
        assert due <= at <= due + LATENESS_MS, attributes

# SPDX-License-Identifier: Apache-2.0
"""
Measures linnet over DTLS next to peers of Mbed TLS alone.

dtls_load is the client of both servers, dtls_reader the server of both clients.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = dict[str, Any]
#: What dtls_load counts, and what it is.
WORK = {
    "handshake": "PSK handshakes",
    "resume": "resumed handshakes",
    "update": "requests and answers",
}
WINDOW = "32"
READ_WINDOW = "16"
#: The pre-shared key of "sim0" (dtls_bare.c).
KEY = "ahovcjqxelszgnub"
#: One and the same peer cost so many times as much in one turn as in another: nothing can be said.
NOISE = 1.5


class DtlsBench:
    """The programs, and the ports above the one that is given."""

    def __init__(self, programs: Path, port: int, options: argparse.Namespace) -> None:
        self.programs, self.port, self.options = programs, port, options
        self.cpus = sorted(os.sched_getaffinity(0))

    def run(self, clients: int, peer: str) -> Run:
        """One run against "linnet" or "null", pinned where there are cores enough."""
        self.port += 1
        address = f"127.0.0.1:{self.port}"
        programs = {
            "linnet": ["linnet-bench-secure-server", address, str(clients)],
            "null": ["dtls_null", address],
        }
        name, *arguments = programs[peer]
        server = subprocess.Popen([self.programs / name, *arguments], preexec_fn=lambda: self.pin(-1))
        try:
            done = subprocess.run(
                [
                    self.programs / "dtls_load", address, str(server.pid), str(clients), WINDOW,
                    str(self.options.duration), str(self.options.settle_ms),
                ],
                capture_output=True, text=True, check=False, preexec_fn=lambda: self.pin(0),
            )  # fmt: skip
            if server.poll() is not None:
                sys.exit(f"{name} died with {server.returncode}")
        finally:
            server.kill()
            server.wait()
        if done.returncode:
            sys.exit(f"dtls_load against {name} failed: {done.stderr.strip()}")
        result: Run = json.loads(done.stdout)
        return result

    def read(self, peer: str) -> Run:
        """One run of a reader against the client of "linnet" or "null"."""
        self.port += 1
        address = f"127.0.0.1:{self.port}"
        programs = {
            "linnet": ["linnet-bench-secure-client", f"coaps://{address}", "sim0", KEY],
            "null": ["dtls_null_client", address],
        }
        name, *arguments = programs[peer]
        reader = subprocess.Popen(
            [self.programs / "dtls_reader", address, READ_WINDOW, str(self.options.duration)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=lambda: self.pin(0),
        )  # fmt: skip
        assert reader.stdout is not None
        reader.stdout.readline()  # it listens
        client = subprocess.Popen([self.programs / name, *arguments], preexec_fn=lambda: self.pin(-1))
        try:
            output, _ = reader.communicate(f"{client.pid}\n")
        finally:
            client.kill()
            client.wait()
        if reader.returncode:
            sys.exit(f"dtls_reader failed with {name}")
        return {"read": json.loads(output)}

    def pin(self, index: int) -> None:
        if len(self.cpus) > 1:
            os.sched_setaffinity(0, {self.cpus[index]})

    def pairs(self, run: Callable[[str], Run]) -> list[tuple[Run, Run]]:
        """(null, linnet), both in the same moment, in turns the first."""
        pairs = []
        for repetition in range(self.options.repetitions):
            order = ("null", "linnet") if repetition % 2 == 0 else ("linnet", "null")
            runs = {peer: run(peer) for peer in order}
            pairs.append((runs["null"], runs["linnet"]))
        return pairs


def compare(pairs: list[tuple[Run, Run]], work: str) -> Run:
    """Medians of what a CPU second is worth; the ratio is that of each pair."""
    return {
        "per_cpu_s": statistics.median(own[work]["per_cpu_s"] for _, own in pairs),
        "null_per_cpu_s": statistics.median(null[work]["per_cpu_s"] for null, _ in pairs),
        "ratio": statistics.median(own[work]["per_cpu_s"] / null[work]["per_cpu_s"] for null, own in pairs),
        "per_s": statistics.median(own[work]["per_s"] for _, own in pairs),
        "failures": sum(own[work]["failed"] for _, own in pairs),
        "spread": max(spread([pair[side][work]["per_cpu_s"] for pair in pairs]) for side in (0, 1)),
    }


def spread(values: list[float]) -> float:
    """How many times as much the best of them is."""
    return max(values) / min(values)


def measure(programs: Path, options: argparse.Namespace) -> dict[str, Run]:
    """Prints the comparison; the result is what it rests on."""
    bench = DtlsBench(programs, options.port + 1000, options)
    results: dict[str, Run] = {}
    print(f"{'clients':>8}  {'DTLS, by CPU second of the server':<36}{'linnet':>9}{'mbedTLS':>9}{'ratio':>7}")
    for clients in options.sessions:
        pairs = bench.pairs(lambda peer, count=clients: bench.run(count, peer))
        result = in_full(pairs)
        for work, words in WORK.items():
            result[work] = compare(pairs, work)
            show(clients, words, result[work])
            if work == "resume" and any(own["resume"]["resumed"] < own["resume"]["ok"] for _, own in pairs):
                print(f"{'':>10}not all were resumed")
        memory, null_memory = (
            statistics.median(pair[side]["bytes_per_session"] for pair in pairs) for side in (1, 0)
        )
        result["bytes_per_session"], result["null_bytes_per_session"] = memory, null_memory
        row(
            clients,
            "bytes of an idle registered session",
            memory,
            null_memory,
            null_memory / max(memory, 1),
            "",
        )
        results[f"dtls-{clients}"] = result
    pairs = bench.pairs(bench.read)
    results["dtls-reads"] = in_full(pairs) | {"read": compare(pairs, "read")}
    show(1, "reads that a client answers", results["dtls-reads"]["read"])
    return results


def in_full(pairs: list[tuple[Run, Run]]) -> Run:
    """The runs, for the file of results."""
    return {"runs": [{"null": null, "linnet": own} for null, own in pairs]}


def show(clients: int, words: str, figures: Run) -> None:
    """One line of what was compared."""
    remarks = []
    if figures["failures"]:
        remarks.append(f"{figures['failures']} failed")
    if figures["spread"] > NOISE:
        remarks.append(f"too noisy: the same peer cost up to {figures['spread']:.1f} times as much")
    row(
        clients,
        words,
        figures["per_cpu_s"],
        figures["null_per_cpu_s"],
        figures["ratio"],
        "; ".join(remarks),
    )


def row(clients: int, words: str, own: float, null: float, ratio: float, remark: str) -> None:
    """One line; above 1.00 is better than Mbed TLS alone."""
    print(f"{clients:>8}  {words:<36}{own:>9.0f}{null:>9.0f}{ratio:>7.2f}  {remark}", flush=True)

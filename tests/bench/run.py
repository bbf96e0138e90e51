#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures linnet next to null peers, which answer with canned bytes and keep no state.

All run in turn, several times, so that whatever else the machine does meets each. The figure to look at is
the CPU time of 100 000 requests, and its ratio: null peer to linnet, 1.00 being a linnet that costs nothing.
A ratio is the median of those of the turns; README.md beside this file says which null peer means what.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import dtls

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = ROOT / "build" / "bin"
RESULTS = ROOT / "build" / "bench"
CLIENTS = [100, 1000, 5000, 19000]
TESTS = ["read_text", "read_tlv", "read_object", "write_text"]
NULLS = ["epoll", "mmsg"]
# Null peers that notify: one looks between its turns if something has arrived, one only sends.
FLOODS = {"epoll": "epoll", "flood": "blocking"}
# The fastest of the turns of one peer is that much faster than the slowest: nothing can be said.
NOISE = 1.5
WINDOWS = [16]

Run = dict[str, Any]


def median(values: list[float]) -> float:
    return statistics.median(values) if values else float("nan")


#: How many values change in a turn, and for how many seconds that is measured: a client has 65536 message
#: ids for a peer in 145 s (RFC 7252 4.4), and then it has to be silent; at full speed that is soon.
SENSORS = {1: 0.15, 16: 0.08}


class Bench:
    """The options, and the ports: each run has its own, so that none hears what a former one left behind."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.port = options.port
        self.pinning = ["--spin", "--cpu", "0", "--sut-cpu", "1"] if (os.cpu_count() or 1) > 1 else []

    def address(self) -> str:
        self.port += 1
        return f"127.0.0.1:{self.port}"

    def load(self, *arguments: str) -> Run:
        command = [str(PROGRAMS / "lwm2m_load"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            result: Run = json.loads(done.stdout)
        except ValueError:
            sys.exit(f"{' '.join(command)}\nfailed with {done.returncode}: {done.stderr.strip()}")
        if result.get("sut_died"):
            sys.exit(f"{' '.join(command)}\nthe program under test died")
        return result

    def server(self, clients: int, peer: str) -> Run:
        address = self.address()
        sut = (
            [str(PROGRAMS / "linnet-bench-server"), address]
            if peer == "linnet"
            else [str(PROGRAMS / "lwm2m_load"), "null_server", "--impl", peer, "--bind", address]
        )
        return self.load(
            "clients", "--n", str(clients), "--window", "64", "--duration", str(self.options.duration),
            "--target", address, *self.pinning, "--", *sut,
        )  # fmt: skip

    def reads(self, clients: int, peer: str) -> Run:
        """The server asks: /3/0/0 of one device after the other, 64 at a time."""
        address = self.address()
        sut = (
            [str(PROGRAMS / "linnet-bench-server"), address, "64"]
            if peer == "linnet"
            else [str(PROGRAMS / "lwm2m_load"), "null_server", "--reads", "64", "--bind", address]
        )
        return self.load(
            "clients", "--n", str(clients), "--window", "64", "--duration", "0",
            "--serve", str(self.options.duration + 0.3), "--target", address, *self.pinning, "--", *sut,
        )  # fmt: skip

    def client(self, window: int, peer: str) -> Run:
        address = self.address()
        sut = (
            [str(PROGRAMS / "linnet-bench-client"), f"coap://{address}", "bench"]
            if peer == "linnet"
            else [str(PROGRAMS / "lwm2m_load"), "null_client", "--impl", peer, "--target", address]
        )
        return self.load(
            "server", "--bind", address, "--window", str(window), "--duration", str(self.options.duration),
            "--settle-ms", "300", "--tests", ",".join(self.options.tests), *self.pinning, "--", *sut,
        )  # fmt: skip

    def notifications(self, sensors: int, peer: str) -> Run:
        """The client tells of values that change all the time, so many of them in each turn."""
        address = self.address()
        sut = (
            [str(PROGRAMS / "linnet-bench-client"), f"coap://{address}", "bench", str(sensors)]
            if peer == "linnet"
            else [str(PROGRAMS / "lwm2m_load"), "null_client", "--impl", FLOODS[peer], "--notify-flood",
                  "--observes", str(sensors), "--duration", str(self.options.duration + 1),
                  "--target", address]
        )  # fmt: skip
        return self.load(
            "server", "--bind", address, "--window", "1", "--duration", str(SENSORS[sensors]),
            "--settle-ms", "300", "--tests", "observe", "--observes", str(sensors),
            "--observe-path", "/3303/%/5700", *self.pinning, "--", *sut,
        )  # fmt: skip

    def turns(self, measure: Any, size: int, nulls: list[str]) -> list[dict[str, Run]]:
        """A run of each peer in the same moments, each time another one first."""
        peers = [*nulls, "linnet"]
        turns = []
        for repetition in range(self.options.repetitions):
            first = repetition % len(peers)
            turns.append({peer: measure(size, peer) for peer in peers[first:] + peers[:first]})
        return turns


def cost(run: Run) -> float:
    """CPU seconds of 100 000 answers or notifications; 0: none were counted."""
    key = "sut_cpu_s_per_100k_notif"
    return float(run[key] if key in run else run["sut_cpu_s_per_100k"])


def summary(turns: list[dict[str, Run]]) -> Run:
    """Medians of one phase: what a run of each peer said of it, for each turn."""
    own = [turn["linnet"] for turn in turns]
    nulls = [peer for peer in turns[0] if peer != "linnet"]
    # A phase that was over before the kernel counted its time has no ratio.
    ratios = {null: [cost(turn[null]) / cost(turn["linnet"]) for turn in turns if cost(turn["linnet"]) > 0]
              for null in nulls}  # fmt: skip
    costs = {peer: [cost(turn[peer]) for turn in turns if cost(turn[peer]) > 0] for peer in turns[0]}
    return {
        "per_s": median([run.get("notifications_per_s") or run["per_s"] for run in own]),
        "cpu_s_per_100k": {peer: median(values) for peer, values in costs.items()},
        "user_s_per_100k": median([user_cost(run) for run in own]),
        "ratio": {null: median(values) for null, values in ratios.items()},
        "spread": max((max(values) / min(values) for values in costs.values() if values), default=1.0),
        "p50_us": median([run["lat_us"]["p50"] for run in own]),
        "p99_us": median([run["lat_us"]["p99"] for run in own]),
        "sut_util": median([run["sut_util"] for run in own]),
        "gen_busy": median([run["gen_busy"] for run in own]),
        "failures": sum(run["fail"] + run["timeouts"] + run["stray"] + run["unfinished"] for run in own),
    }


def user_cost(run: Run) -> float:
    """The part of the cost that is not the kernel's."""
    total = run["sut_user_s"] + run["sut_sys_s"]
    return cost(run) * float(run["sut_user_s"]) / float(total) if total > 0 else 0.0


def note(figures: Run, closed_loop: bool) -> str:
    notes = []
    if figures["failures"]:
        notes.append(f"{figures['failures']} requests failed")
    if closed_loop and figures["sut_util"] < 0.8:
        notes.append(f"too noisy: it had its core {figures['sut_util']:.0%} of the time")
    elif figures["gen_busy"] > 0.98 and figures["sut_util"] < 0.98:
        notes.append("the generator was the limit")
    if figures["spread"] > NOISE:
        notes.append(f"too noisy: the same peer cost up to {figures['spread']:.1f} times as much")
    return "; ".join(notes)


def keep(name: str, content: Run) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")


def row(label: str, what: str, figures: Run, memory: str, remark: str) -> None:
    costs = "".join(
        f"{figures['cpu_s_per_100k'][null]:>9.3f}{ratio:>7.2f}" for null, ratio in figures["ratio"].items()
    )
    print(
        f"{label:>8}  {what:<12}{figures['per_s'] / 1000:>7.0f}{figures['cpu_s_per_100k']['linnet']:>9.3f}"
        f"{figures['user_s_per_100k']:>8.3f}{costs}{memory:>9}  {remark}",
        flush=True,
    )


def head(first: str, nulls: list[str]) -> None:
    print("CPU seconds for 100 000; of it in linnet itself; of the null peers, and null to linnet")
    columns = "".join(f"{null:>9}{'ratio':>7}" for null in nulls)
    print(f"{first:>8}  {'':12}{'k/s':>7}{'linnet':>9}{'user':>8}{columns}{'memory':>9}")


def phase_of(turns: list[dict[str, Run]], phase: str) -> list[dict[str, Run]]:
    return [{peer: run[phase] for peer, run in turn.items()} for turn in turns]


def measure_server(bench: Bench) -> None:
    nulls = bench.options.nulls
    head("clients", nulls)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 100
    sizes = list(dict.fromkeys(min(size, limit) for size in bench.options.clients))
    ratios = {}
    for size in sizes:
        turns = bench.turns(bench.server, size, nulls)
        memory = median([turn["linnet"]["memory"]["rss_bytes_per_client"] for turn in turns])
        phases = {phase: summary(phase_of(turns, phase)) for phase in ("register", "update")}
        for phase, figures in phases.items():
            # Few clients register in less than the scheduler needs to notice: their figures say nothing.
            if phase == "register" and size < 1000:
                continue
            shown = f"{memory:.0f} B" if phase == "register" else ""
            row(str(size), phase, figures, shown, note(figures, phase == "update" and size >= 64))
        ratios[size] = phases["update"]["ratio"]
        content = {"clients": size, "rss_bytes_per_client": memory, "phases": phases, "runs": turns}
        keep(f"server-{size}", content)
    if len(ratios) > 1:
        least, most = min(ratios), max(ratios)
        for null in nulls:
            left = ratios[most][null] / ratios[least][null]
            print(f"{'':>8}  flatness: {left:.2f} of the ratio to {null} at {least} is left at {most}")


def measure_reads(bench: Bench) -> None:
    print("reads of one device after the other, by the server; the null peer sends and counts")
    head("clients", ["null"])
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 100
    for size in dict.fromkeys(min(size, limit) for size in bench.options.clients):
        turns = bench.turns(bench.reads, size, ["null"])
        figures = summary(phase_of(turns, "serve"))
        row(str(size), "read", figures, "", note(figures, False))
        keep(f"reads-{size}", {"clients": size, "phases": {"read": figures}, "runs": turns})


def measure_client(bench: Bench) -> None:
    nulls = bench.options.nulls
    head("window", nulls)
    for window in bench.options.windows:
        turns = bench.turns(bench.client, window, nulls)
        memory = median([turn["linnet"]["memory_idle"]["idle"]["private_kb"] for turn in turns])
        tests = {}
        for index, name in enumerate(bench.options.tests):
            figures = summary([{peer: run["tests"][index] for peer, run in turn.items()} for turn in turns])
            tests[name] = figures
            row(str(window), name, figures, f"{memory:.0f} kB", note(figures, window >= 16))
        keep(f"client-{window}", {"window": window, "private_kb": memory, "tests": tests, "runs": turns})
    print("notifications without confirmation, so many values a turn; the null peers send the same number")
    floods = list(FLOODS)
    head("values", floods)
    for sensors in SENSORS:
        turns = bench.turns(bench.notifications, sensors, floods)
        figures = summary([{peer: run["tests"][0] for peer, run in turn.items()} for turn in turns])
        row(str(sensors), "notify", figures, "", note(figures, False))
        keep(f"notifications-{sensors}", {"values": sensors, "figures": figures, "runs": turns})


def measure_million(options: argparse.Namespace) -> None:
    """A million registrations in one process, on a clock of its own: memory and time of each phase."""
    command = [str(PROGRAMS / "linnet-bench-million"), str(options.registrations)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nfailed with {done.returncode}: {done.stderr.strip()}")
    result: Run = json.loads(done.stdout)
    print(f"{result['count']} registrations in one process")
    print(f"{'':16}{'us each':>10}{'longest':>12}{'resident':>10}{'asked for':>11}")
    for phase, figures in result.items():
        if phase == "count":
            continue
        print(
            f"{phase:<16}{figures['cpu_us_each']:>10.2f}{figures['longest_ms']:>9.1f} ms"
            f"{figures['rss_bytes_each']:>8.0f} B{figures['asked_bytes_each']:>9.0f} B"
        )
    keep("million", result)


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "role", nargs="?", choices=["server", "reads", "client", "million", "dtls", "all"], default="all"
    )
    parser.add_argument("--clients", type=numbers, default=CLIENTS, help="how many register, e.g. 100,5000")
    parser.add_argument("--windows", type=numbers, default=WINDOWS, help="requests a client has at a time")
    parser.add_argument("--tests", type=lambda text: text.split(","), default=TESTS, help=",".join(TESTS))
    parser.add_argument(
        "--sessions", type=numbers, default=[200, 2000], help="DTLS: how many clients, e.g. 200,2000"
    )
    parser.add_argument("--settle-ms", type=int, default=500, help="DTLS: rest before memory is looked at")
    parser.add_argument(
        "--nulls", type=lambda text: text.split(","), default=NULLS, help="epoll, mmsg, blocking, epoll1"
    )
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--duration", type=float, default=1.0, help="seconds of each phase")
    parser.add_argument("--registrations", type=int, default=1_000_000, help="how many are a million")
    parser.add_argument("--port", type=int, default=25000, help="ports above this one are used")
    parser.add_argument("--quick", action="store_true", help="one short repetition")
    options = parser.parse_args()
    if options.quick:
        options.repetitions, options.duration = 1, 0.5
        options.registrations = min(options.registrations, 100_000)
    bench = Bench(options)
    if options.role in ("server", "all"):
        measure_server(bench)
    if options.role in ("reads", "all"):
        measure_reads(bench)
    if options.role in ("client", "all"):
        measure_client(bench)
    if options.role in ("million", "all"):
        measure_million(options)
    if options.role in ("dtls", "all"):
        for name, result in dtls.measure(PROGRAMS, options).items():
            keep(name, result)
    print(f"the runs in full: {RESULTS.relative_to(ROOT)}/*.json")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures linnet next to a null peer, which answers with canned bytes and keeps no state.

Both run in turn, several times, so that whatever else the machine does meets both. The figure to look at is
the CPU time of 100 000 requests, and its ratio: null peer to linnet, 1.00 being a linnet that costs nothing.
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
WINDOWS = [16]

Run = dict[str, Any]


def median(values: list[float]) -> float:
    return statistics.median(values) if values else float("nan")


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

    def pairs(self, measure: Any, size: int) -> list[tuple[Run, Run]]:
        """(null, linnet) runs, each pair in the same moment, the one first that was second before."""
        pairs = []
        for repetition in range(self.options.repetitions):
            order = [self.options.null, "linnet"] if repetition % 2 == 0 else ["linnet", self.options.null]
            runs = {peer: measure(size, peer) for peer in order}
            pairs.append((runs[self.options.null], runs["linnet"]))
        return pairs


def summary(pairs: list[tuple[Run, Run]]) -> Run:
    """Medians of one phase, measured in pairs."""
    ours = [own for _, own in pairs]
    failures = sum(run["fail"] + run["timeouts"] + run["stray"] + run["unfinished"] for run in ours)
    return {
        "per_s": median([run["per_s"] for run in ours]),
        "null_per_s": median([null["per_s"] for null, _ in pairs]),
        "cpu_s_per_100k": median([run["sut_cpu_s_per_100k"] for run in ours]),
        "null_cpu_s_per_100k": median([null["sut_cpu_s_per_100k"] for null, _ in pairs]),
        # A phase that was over before the kernel counted its time has no ratio.
        "ratio": median(
            [
                null["sut_cpu_s_per_100k"] / run["sut_cpu_s_per_100k"]
                for null, run in pairs
                if run["sut_cpu_s"]
            ]
        ),
        "p50_us": median([run["lat_us"]["p50"] for run in ours]),
        "p99_us": median([run["lat_us"]["p99"] for run in ours]),
        "sut_util": median([run["sut_util"] for run in ours]),
        "gen_busy": median([run["gen_busy"] for run in ours]),
        "failures": failures,
    }


def note(figures: Run, closed_loop: bool) -> str:
    notes = []
    if figures["failures"]:
        notes.append(f"{figures['failures']} requests failed")
    if closed_loop and figures["sut_util"] < 0.8:
        notes.append(f"noisy machine: it had its core {figures['sut_util']:.0%} of the time")
    elif figures["gen_busy"] > 0.98 and figures["sut_util"] < 0.98:
        notes.append("the generator was the limit")
    return "; ".join(notes)


def keep(name: str, content: Run) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")


def row(label: str, what: str, figures: Run, memory: str, remark: str) -> None:
    print(
        f"{label:>8}  {what:<12}{figures['per_s'] / 1000:>8.0f}{figures['null_per_s'] / 1000:>8.0f}"
        f"{figures['cpu_s_per_100k']:>10.3f}{figures['null_cpu_s_per_100k']:>8.3f}"
        f"{figures['ratio']:>8.2f}{memory:>9}  {remark}",
        flush=True,
    )


def head(first: str, null: str) -> None:
    print(f"{first:>8}  {'':12}{'k/s':>8}{'null':>8}{'s/100k':>10}{'null':>8}{'ratio':>8}{'memory':>9}")
    print(f"{'':>8}  (null: {null})")


def measure_server(bench: Bench) -> None:
    head("clients", bench.options.null)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 100
    sizes = [min(size, limit) for size in bench.options.clients]
    ratios = {}
    for size in dict.fromkeys(sizes):
        pairs = bench.pairs(bench.server, size)
        memory = median([own["memory"]["rss_bytes_per_client"] for _, own in pairs])
        phases = {
            phase: summary([(null[phase], own[phase]) for null, own in pairs])
            for phase in ("register", "update")
        }
        for phase, figures in phases.items():
            # Few clients register in less than the scheduler needs to notice: their figures say nothing.
            if phase == "register" and size < 1000:
                continue
            shown = f"{memory:.0f} B" if phase == "register" else ""
            row(str(size), phase, figures, shown, note(figures, phase == "update" and size >= 64))
        ratios[size] = phases["update"]["ratio"]
        keep(
            f"server-{size}",
            {
                "clients": size,
                "null": bench.options.null,
                "rss_bytes_per_client": memory,
                "phases": phases,
                "runs": [{"null": null, "linnet": own} for null, own in pairs],
            },
        )
    if len(ratios) > 1:
        least, most = min(ratios), max(ratios)
        print(
            f"{'':>8}  flatness: {ratios[most] / ratios[least]:.2f} of the ratio at {least} is left at {most}"
        )


def measure_client(bench: Bench) -> None:
    head("window", bench.options.null)
    for window in bench.options.windows:
        pairs = bench.pairs(bench.client, window)
        memory = median([own["memory_idle"]["idle"]["private_kb"] for _, own in pairs])
        tests = {}
        for index, name in enumerate(bench.options.tests):
            figures = summary([(null["tests"][index], own["tests"][index]) for null, own in pairs])
            tests[name] = figures
            row(str(window), name, figures, f"{memory:.0f} kB", note(figures, window >= 16))
        keep(
            f"client-{window}",
            {
                "window": window,
                "null": bench.options.null,
                "private_kb": memory,
                "tests": tests,
                "runs": [{"null": null, "linnet": own} for null, own in pairs],
            },
        )


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
        "role", nargs="?", choices=["server", "client", "million", "dtls", "all"], default="all"
    )
    parser.add_argument("--clients", type=numbers, default=CLIENTS, help="how many register, e.g. 100,5000")
    parser.add_argument("--windows", type=numbers, default=WINDOWS, help="requests a client has at a time")
    parser.add_argument("--tests", type=lambda text: text.split(","), default=TESTS, help=",".join(TESTS))
    parser.add_argument(
        "--sessions", type=numbers, default=[2000], help="DTLS: how many clients, e.g. 200,2000"
    )
    parser.add_argument("--settle-ms", type=int, default=500, help="DTLS: rest before memory is looked at")
    parser.add_argument("--null", default="epoll", help="epoll, mmsg, blocking or epoll1")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--duration", type=float, default=2.0, help="seconds of each phase")
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

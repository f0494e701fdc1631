"""Figures of whole processes: start-up, memory, growth with the size, and threads."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import codec
from benchmark.inputs import captured, endpoints, pods
from benchmark.roads import ROADS, cpu_time

HERE = Path(__file__).resolve().parents[1]
PACKAGE = str(Path(codec.__file__).resolve().parents[1])

# Runs a command and prints what the system says of it. A process of its own: a child's peak begins at its parent's.
MEASURED = """
import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, 1, 0)])
_, status, usage = os.wait4(pid, 0)
print(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, status)
"""
COMMAND = "import sys\nfrom codec.cli import main\nsys.exit(main())\n"


def run_measured(*command: str) -> tuple[float, float]:
    """CPU milliseconds and peak MB of a command."""
    environment = os.environ | {"PYTHONPATH": PACKAGE}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", MEASURED, *command],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    seconds, kilobytes, status = done.stdout.split()
    if status != "0":
        sys.exit(f"bench: {command} ended with status {status}")
    return float(seconds) * 1000, int(kilobytes) / 1024


def start_up(rounds: int) -> list[dict[str, Any]]:
    """What a command costs from its start to its end, beside the bare interpreter."""
    with tempfile.TemporaryDirectory() as folder:
        pod = Path(folder, "pod.bin")
        pod.write_bytes(captured("Pod", 4500))
        (script := Path(folder, "k8s-codec")).write_text(COMMAND)
        commands = {
            "python -c pass": (sys.executable, "-c", "pass"),
            "import codec": (sys.executable, "-c", "import codec"),
            "k8s-codec decode pod.bin": (sys.executable, str(script), "decode", str(pod)),
            "k8s-codec decode -o json pod.bin": (sys.executable, str(script), "decode", "-o", "json", str(pod)),
        }
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(rounds + 1):
            for name, command in commands.items():
                found[name].append(run_measured(*command))
        # The first round filled the caches of bytecode.
        return [
            {
                "command": name,
                "cpu_ms": round(statistics.median(ms for ms, _ in times[1:]), 1),
                "peak_mb": round(max(mb for _, mb in times[1:]), 1),
            }
            for name, times in found.items()
        ]


# What 10,000 decoded Pods add to the process, and what the objects themselves take.
HELD = """
import gc, json, sys
sys.path[:0] = {paths!r}
import codec
from benchmark.inputs import pods
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096
raws = pods({count})
kept = [codec.decode(raw) for raw in raws[:50]]
gc.collect()
before = resident()
made = [codec.decode(raw) for raw in raws]
gc.collect()
grown = resident() - before
seen, size, pending = set(), 0, [made]
while pending:
    one = pending.pop()
    if id(one) in seen or one is None or isinstance(one, type):
        continue
    seen.add(id(one))
    size += sys.getsizeof(one)
    if isinstance(one, (list, tuple)):
        pending += one
    elif isinstance(one, dict):
        pending += one.keys()
        pending += one.values()
    elif hasattr(type(one), "__struct_fields__"):
        pending += [getattr(one, name) for name in type(one).__struct_fields__]
    else:
        pending += [getattr(one, name) for name in getattr(type(one), "__slots__", ())]
print(json.dumps({{"pods": len(made), "wire_mb": round(sum(map(len, raws)) / 2**20, 1),
    "grown_mb": round(grown / 2**20, 1), "objects_mb": round(size / 2**20, 1)}}))
"""


def held(count: int) -> dict[str, Any]:
    """Memory of so many decoded Pods."""
    program = HELD.format(paths=[str(HERE), PACKAGE], count=count)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def growth(sizes: list[int], seconds: float) -> list[dict[str, Any]]:
    """CPU nanoseconds for each address of Endpoints of each size, road by road."""
    rows = []
    for size in sizes:
        raw = endpoints(size)
        row: dict[str, Any] = {"addresses": size, "bytes": len(raw)}
        for key, (prepare, road) in ROADS.items():
            row[key] = round(min(cpu_time(road, [prepare(raw)], seconds) for _ in range(3)) / size, 1)
        rows.append(row)
    return rows


def threads(count: int, rounds: int) -> dict[str, Any]:
    """Wall clock of so many Pods to JSON by one thread, by two, and by two processes: the best of the rounds.

    The two processes tell what the machine had to give at that time.
    """
    values = pods(count)
    halves = values[::2], values[1::2]

    def many(threads: int) -> None:
        for _ in codec.storage_to_json_many(values, threads):
            pass

    def forked() -> None:
        child = os.fork()
        for _ in codec.storage_to_json_many(halves[0 if child else 1], 1):
            pass
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)

    runs = {"one": lambda: many(1), "two": lambda: many(2), "processes": forked}
    found: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            begin = time.perf_counter()
            run()
            found[name].append(time.perf_counter() - begin)
    best = {name: min(times) for name, times in found.items()}
    return {
        "pods": count,
        "bytes": sum(map(len, values)),
        "cores": os.cpu_count(),
        **{f"{name}_ms": round(seconds * 1000, 1) for name, seconds in best.items()},
        "two_threads_times": round(best["one"] / best["two"], 2),
        "two_processes_times": round(best["one"] / best["processes"], 2),
    }

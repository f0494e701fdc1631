"""The five roads of a value, measured against the real Kubernetes serializers, in turns and on CPU time."""

from __future__ import annotations

import base64
import json
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import codec
from benchmark.inputs import INPUTS

ROOT = Path(__file__).resolve().parents[2]
Road = Callable[[Any], Any]

# road → (from stored bytes to what it starts with, the road)
ROADS: dict[str, tuple[Road, Road]] = {
    "json": (bytes, codec.storage_to_json),
    "yaml": (bytes, codec.storage_to_yaml),
    "object": (bytes, codec.decode),
    "encode": (codec.decode, codec.encode),
    "storage": (codec.storage_to_json, codec.json_to_storage),
}
# road → input → the ratio to Go's time that must be reached
WITH_GOALS = ("Pod", "EndpointSlice 100", "Endpoints 1000", "ConfigMap 20 KB")
GOALS = {
    "json": dict(zip(WITH_GOALS, (0.09, 0.15, 0.16, 0.30), strict=True)),
    "yaml": dict(zip(WITH_GOALS, (0.02, 0.02, 0.02, 0.05), strict=True)),
    "object": dict(zip(WITH_GOALS, (0.70, 0.80, 0.95, 0.30), strict=True)),
    "encode": dict(zip(WITH_GOALS, (0.90, 1.0, 1.0, 0.35), strict=True)),
    "storage": dict(zip(WITH_GOALS, (0.07, 0.05, 0.05, 0.04), strict=True)),
}
ONCE = 0.5  # seconds; what takes Go longer is measured in one round


class Go:
    """The program that times the real serializers, answering one request a line."""

    def __init__(self) -> None:
        self.binary = ROOT / ".cache" / "bin" / "bench"
        self.binary.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["go", "build", "-o", str(self.binary), "./bench"], cwd=ROOT / "scripts" / "go", check=True)
        self._process = subprocess.Popen([str(self.binary)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, **request: Any) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(request).encode() + b"\n")
        stdin.flush()
        answer: dict[str, Any] = json.loads(stdout.readline())
        return answer

    def load(self, raws: list[bytes]) -> list[bytes]:
        """Gives it the values; those back that it reads."""
        refused = set(self.ask(load=[base64.b64encode(raw).decode() for raw in raws])["refused"])
        return [raw for i, raw in enumerate(raws) if i not in refused]

    def versions(self) -> dict[str, str]:
        done = subprocess.run(["go", "version", "-m", str(self.binary)], capture_output=True, text=True, check=True)
        found = {"Go": done.stdout.split("\n")[0].split()[-1].removeprefix("go")}
        for line in done.stdout.split("\n"):
            words = line.split()
            if len(words) >= 3 and words[0] == "dep" and words[1] == "k8s.io/apimachinery":
                found["k8s.io/apimachinery"] = words[2]
        return found

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()


def start_go() -> Go | None:
    return Go() if shutil.which("go") else None


def cpu_time(road: Road, values: list[Any], seconds: float) -> float:
    """CPU nanoseconds of one pass over the values, from as many passes as take so long."""
    for value in values:
        road(value)  # what is loaded when it is first needed
    passes = 1
    while True:
        begin = time.process_time_ns()
        for _ in range(passes):
            for value in values:
                road(value)
        used = time.process_time_ns() - begin
        if used >= seconds * 1e9:
            return used / passes
        passes = max(passes * 2, int(passes * seconds * 1.1e9 / max(used, 1000)))


def microseconds(found: list[float]) -> float:
    return round(statistics.median(found) / 1000, 2)


def measure(
    go: Go | None, inputs: list[str], roads: list[str], rounds: int, seconds: float
) -> Iterator[dict[str, Any]]:
    """A row for each input and road: the medians of the rounds."""
    for name in inputs:
        raws = INPUTS[name]()
        if go:
            raws = go.load(raws)
        for key in roads:
            prepare, road = ROADS[key]
            values = [prepare(raw) for raw in raws]
            ours, theirs, ratios = [], [], []
            for _ in range(rounds):
                ours.append(cpu_time(road, values, seconds))
                if go:
                    theirs.append(go.ask(road=key, seconds=seconds)["ns"])
                    ratios.append(ours[-1] / theirs[-1])
                    if theirs[-1] > ONCE * 1e9:
                        break
            yield {
                "road": key,
                "input": name,
                "values": len(raws),
                "bytes": sum(map(len, raws)),
                "codec_us": microseconds(ours),
                "go_us": microseconds(theirs) if theirs else None,
                "ratio": round(statistics.median(ratios), 3) if ratios else None,
                "goal": GOALS[key].get(name),
            }

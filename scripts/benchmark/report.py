"""The figures as the README shows them: Markdown from the JSON that scripts/bench wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
FIGURES = ROOT / "scripts" / "benchmark" / "figures.json"
BEGIN = "<!-- scripts/bench --readme writes from here -->\n"
END = "<!-- to here -->\n"

ROADS = ("json", "yaml", "object", "encode", "storage")
TITLES = {
    "json": "bytes → JSON",
    "yaml": "bytes → YAML",
    "object": "bytes → object",
    "encode": "object → bytes",
    "storage": "JSON → bytes",
    "from_json": "JSON → object",
    "to_json": "object → JSON",
}
OF_LIBRARIES = ("object", "encode", "json", "from_json", "to_json")


def table(head: list[str], rows: list[list[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, rule, *rows))


def amount(microseconds: float) -> str:
    """Three digits, of µs, ms or s."""
    for unit in ("µs", "ms"):
        if microseconds < 1000:
            return f"{microseconds:.3g} {unit}" if microseconds < 100 else f"{microseconds:.0f} {unit}"
        microseconds /= 1000
    return f"{microseconds:.3g} s"


def times(ratio: float) -> str:
    return f"{ratio:,.0f} ×" if ratio >= 10 else f"{ratio:.2g} ×"


def size(count: int) -> str:
    return f"{count} B" if count < 1000 else f"{count / 1000:.3g} KB" if count < 1e6 else f"{count / 1e6:.3g} MB"


def of_roads(rows: list[dict[str, Any]]) -> str:
    found = {(row["input"], row["road"]): row for row in rows}
    lines = []
    for name in dict.fromkeys(row["input"] for row in rows):
        first = next(row for row in rows if row["input"] == name)
        title = f"{name}, {first['values']} values" if first["values"] > 1 else name
        cells = [f"{title}, {size(first['bytes'])}"]
        for road in ROADS:
            row = found[name, road]
            ratio = "" if row["ratio"] is None else f" · {row['ratio']:.2g}"
            cells.append(amount(row["codec_us"]) + ratio)
        lines.append(cells)
    return table(["", *(TITLES[road] for road in ROADS)], lines)


def of_libraries(rows: list[dict[str, Any]], versions: dict[str, str]) -> str:
    lines = []
    for name in dict.fromkeys(row["library"] for row in rows):
        pods = {row["road"]: row for row in rows if row["library"] == name and row["input"] == "Pod"}
        cells = [times(row["times"]) if "times" in (row := pods[road]) else "–" for road in OF_LIBRARIES]
        lines.append([f"{name} {versions[name]}", *cells])
    return table(["time of a Pod ÷ codec's", *(TITLES[road] for road in OF_LIBRARIES)], lines)


def markdown(figures: dict[str, Any]) -> str:
    """What stands in the README between BEGIN and END."""
    versions, threads, memory = figures["versions"], figures["threads"], figures["memory"]
    made_with = (
        f"{figures['date']}, Python {versions['Python']}, {figures['engine']} engine, {figures['machine']}; "
        f"Go {versions['Go']}, apimachinery {versions['k8s.io/apimachinery']}, GOMAXPROCS=1"
    )
    commands = {row["command"]: row for row in figures["processes"]}
    decode, bare = commands["k8s-codec decode pod.bin"], commands["python -c pass"]
    whole = f"{decode['cpu_ms']:.0f} ms of CPU, of them {bare['cpu_ms']:.0f} Python's own, {decode['peak_mb']:.0f} MB"
    beside = ""
    if threads:
        ratio = f"{threads['two_threads_times']:.2f} times as fast as by one"
        beside = f"- `storage_to_json_many` by two threads on two cores: {ratio}.\n"
    each = [f"{row['json']:.0f} ns with {row['addresses']:,}" for row in figures["growth"]]
    return f"""\
CPU time, and behind the dot that time divided by the real Go serializer's: the same values, in turns in one run.
{made_with}.

{of_roads(figures["roads"])}
Other Python libraries on the Pod, where they have the road:

{of_libraries(figures["libraries"], versions)}
protobuf's objects are C structures, each attribute of which costs when it is read. Its JSON and betterproto2's is not
that of Kubernetes. The last two read and write JSON alone.

- The whole process `k8s-codec decode pod.bin`: {whole}.
- Time grows with the size. Each address of Endpoints, bytes → JSON: {", ".join(each)}.
- {memory["pods"]:,} decoded Pods take {memory["grown_mb"]:.0f} MB, for objects of {memory["objects_mb"]:.0f} MB.
{beside}
`scripts/bench` measures all of this again.
"""


def with_section(readme: str, text: str) -> str:
    """The README with this text between the marks."""
    head, _, rest = readme.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}{text}{END}{tail}"

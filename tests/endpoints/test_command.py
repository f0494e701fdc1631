"""`k8s-codec endpoints`."""

from __future__ import annotations

import io
import json
import sys
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from endpoints.build import address, endpoint, endpoint_slice, endpoints, port, subset

import codec
from codec import cli
from codec.api.core.v1 import Endpoints, EndpointSubset
from codec.api.discovery.v1 import EndpointPort as SlicePort
from codec.cli import endpoints as command
from codec.cli.figures import bar, size


@dataclass(frozen=True)
class Ran:
    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


Run = Callable[..., Ran]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("expand", "-o", "json", stdin=b"…")`."""

    if "endpoints" not in cli.COMMANDS:
        monkeypatch.setattr(cli, "COMMANDS", (*cli.COMMANDS, "endpoints"))

    def invoke(*words: object, stdin: bytes | str = b"") -> Ran:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        capfdbinary.readouterr()
        status = cli.main(["endpoints", *map(str, words)])
        sys.stdout.flush()
        sys.stderr.flush()
        out, err = capfdbinary.readouterr()
        return Ran(status, out, err.decode())

    return invoke


@pytest.fixture
def mysql(root: Path) -> Path:
    """The sample of the demo, as the API server stores it."""
    return root / "fixtures" / "daily" / "core.v1.Endpoints.pb"


SMALL = endpoints(
    EndpointSubset(
        addresses=[address("10.0.0.1", "u1", hostname="h", nodeName="n"), address("2001:db8::1")],
        notReadyAddresses=[address("10.0.0.2")],
        ports=[port(80, "http", appProtocol="http"), port(53, "", "UDP")],
    )
)

TABLE = """\
NAME   IP            PORT   PROTOCOL   READY   TARGET
http   10.0.0.1      80     TCP        true    Pod/pod-u1
http   2001:db8::1   80     TCP        true    -
http   10.0.0.2      80     TCP        false   -
-      10.0.0.1      53     UDP        true    Pod/pod-u1
-      2001:db8::1   53     UDP        true    -
-      10.0.0.2      53     UDP        false   -
"""


@pytest.mark.parametrize("form", [codec.encode, codec.to_json, codec.to_yaml])
def test_expand(run: Run, form: Callable[[Endpoints], bytes | str]) -> None:
    assert run("expand", stdin=form(SMALL)) == Ran(0, TABLE.encode(), "")


def test_expand_the_sample(run: Run, mysql: Path) -> None:
    ran = run("expand", mysql)
    assert ran.text == (
        "NAME    IP            PORT   PROTOCOL   READY   TARGET\n"
        "mysql   172.27.2.78   6033   TCP        true    Pod/platform-mysql-0\n"
        "mysql   172.27.2.79   6033   TCP        true    Pod/platform-mysql-1\n"
        "mysql   172.27.2.80   6033   TCP        true    Pod/platform-mysql-2\n"
    )


def test_expand_wide(run: Run) -> None:
    lines = run("expand", "-o", "wide", stdin=codec.encode(SMALL)).text.splitlines()
    assert lines[0].split() == ["NAME", "IP", "PORT", "PROTOCOL", "READY", "TARGET", "APPPROTOCOL", "HOSTNAME", "NODE"]
    assert lines[1].split() == ["http", "10.0.0.1", "80", "TCP", "true", "Pod/pod-u1", "http", "h", "n"]


def test_expand_addresses(run: Run) -> None:
    text = run("expand", "-o", "addr", "--ready", stdin=codec.encode(SMALL)).text
    assert text == "10.0.0.1:80\n[2001:db8::1]:80\n10.0.0.1:53\n[2001:db8::1]:53\n"


def test_expand_json(run: Run) -> None:
    rows = json.loads(run("expand", "-o", "json", stdin=codec.encode(SMALL)).out)
    assert len(rows) == 6
    assert rows[0] == {
        "object": "ns/svc",
        "name": "http",
        "ip": "10.0.0.1",
        "port": 80,
        "protocol": "TCP",
        "appProtocol": "http",
        "ready": True,
        "hostname": "h",
        "nodeName": "n",
        "targetRef": {"kind": "Pod", "namespace": "ns", "name": "pod-u1", "uid": "u1"},
    }


def test_expand_several(run: Run) -> None:
    """Lists are taken apart, and a column tells the objects."""
    slices = endpoint_slice(endpoint("10.0.0.1"), ports=(SlicePort(name="a"),))
    items = b",".join([codec.to_json(endpoints(subset("1.1.1.1", "", port(1)))), codec.to_json(slices)])
    ran = run("expand", stdin=b'{"apiVersion":"v1","kind":"List","items":[' + items + b"]}")
    assert ran.text.splitlines() == [
        "OBJECT       NAME   IP         PORT   PROTOCOL   READY   TARGET",
        "ns/svc       -      1.1.1.1    1      TCP        true    -",
        "ns/svc-abc   a      10.0.0.1   *      TCP        true    -",
    ]


def test_expand_says_what_has_no_ports(run: Run) -> None:
    ran = run("expand", stdin=codec.encode(endpoints(subset("1.1.1.1 1.1.1.2"))))
    assert ran.status == 0
    assert "subsets[0] has no ports, so that its 2 addresses expand to nothing" in ran.err


def test_other_kinds_and_bad_input(run: Run) -> None:
    ran = run("expand", stdin="apiVersion: v1\nkind: ConfigMap\n---\n" + codec.to_yaml(SMALL))
    assert (ran.status, ran.text) == (3, TABLE)
    assert "expected Endpoints or EndpointSlice, got v1 ConfigMap" in ran.err
    ran = run("expand", stdin="apiVersion: discovery.k8s.io/v1beta1\nkind: EndpointSlice\n")
    assert ran.status == 3
    assert "got discovery.k8s.io/v1beta1 EndpointSlice" in ran.err
    ran = run("expand", stdin="apiVersion: v1\nkind: Endpoints\nsubset: []\n")
    assert ran.status == 3
    assert "Endpoints.subset" in ran.err
    assert run("expand", "--allow-unknown", stdin="apiVersion: v1\nkind: Endpoints\nsubset: []\n").status == 0
    assert run("expand", "no-such-file").status == 3


def test_validate(run: Run, mysql: Path) -> None:
    assert run("validate", mysql) == Ran(0, b"", "")
    bad = endpoints(subset("127.0.0.1", "", port(0)))
    ran = run("validate", stdin=codec.encode(bad))
    assert ran.status == 1
    assert ran.text == (
        'The Endpoints "svc" is invalid:\n'
        '* subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": '
        "may not be in the loopback range (127.0.0.0/8, ::1/128)\n"
        "* subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive\n"
    )
    causes = json.loads(run("validate", "-o", "json", stdin=codec.encode(bad)).out)
    assert causes[1] == {
        "object": "ns/svc",
        "reason": "FieldValueInvalid",
        "message": "Invalid value: 0: must be between 1 and 65535, inclusive",
        "field": "subsets[0].ports[0].port",
    }


def test_validate_a_slice(run: Run) -> None:
    ran = run("validate", stdin=codec.to_yaml(endpoint_slice(endpoint())))
    assert ran.status == 1
    assert ran.text == (
        'The EndpointSlice.discovery.k8s.io "svc-abc" is invalid: '
        "endpoints[0].addresses: Required value: must contain at least 1 address\n"
    )


def test_validate_sloppy(run: Run) -> None:
    data = codec.encode(endpoints(subset("010.0.0.1", "", port(1))))
    assert run("validate", stdin=data).status == 1
    assert run("validate", "--sloppy-ip", stdin=data).status == 0


def test_validate_an_update(run: Run, tmp_path: Path) -> None:
    old = tmp_path / "old.yaml"
    old.write_text(codec.to_yaml(endpoints(subset("127.0.0.1"))))
    new = endpoints(subset("127.0.0.1"), resourceVersion="1")
    assert run("validate", "--old", old, stdin=codec.to_yaml(new)).status == 0
    ran = run("validate", "--old", old, stdin=codec.to_yaml(endpoints(name="other")))
    assert ran.status == 3
    assert "does not hold it" in ran.err


def test_repack(run: Run) -> None:
    obj = endpoints(subset("1.1.1.1", "", port(1)), subset("1.1.1.2", "", port(1)))
    packed = endpoints(subset("1.1.1.1 1.1.1.2", "", port(1)))
    assert run("repack", stdin=codec.encode(obj)).text == codec.to_yaml(packed)
    assert run("repack", "-o", "jsonl", stdin=codec.encode(obj)).out == codec.to_json(packed) + b"\n"
    assert run("repack", "--check", stdin=codec.encode(obj)) == Ran(1, b"ns/svc\n", "")
    assert run("repack", "--check", stdin=codec.encode(packed)) == Ran(0, b"", "")


def test_repack_truncates(run: Run) -> None:
    many = endpoints(subset(" ".join(f"10.0.{one >> 8}.{one & 255}" for one in range(1500)), "", port(1)))
    made = codec.from_yaml(run("repack", "--truncate", stdin=codec.encode(many)).text, Endpoints)
    assert len(made.subsets[0].addresses) == 1000
    assert made.metadata.annotations == {"endpoints.kubernetes.io/over-capacity": "truncated"}


def test_repack_gathers_slices(run: Run) -> None:
    ports = (SlicePort(name="a", port=1, protocol="TCP"),)
    slices = [
        endpoint_slice(endpoint("1.1.1.1", zone="z"), ports=ports),
        endpoint_slice(endpoint("1.1.1.2"), ports=ports),
    ]
    ran = run("repack", stdin=b"\n".join(map(codec.to_json, slices)))
    assert ran.status == 3
    assert "EndpointSlices of ns/svc: an Endpoints has no place for: zone (1)" in ran.err
    assert codec.from_yaml(ran.text) == endpoints(subset("1.1.1.1 1.1.1.2", "", port(1, "a")))


def test_unknown_fields_are_named(run: Run) -> None:
    """A manifest cannot show them, stored bytes can."""
    obj = endpoints(subset("1.1.1.1", "", port(1)))
    obj.subsets[0].ports[0]._unknown = b"\x98\x06\x01"
    ran = run("repack", stdin=codec.encode(obj))
    assert ran.status == 3
    assert ran.err.startswith("k8s-codec: Endpoints ns/svc: ")


def test_slices(run: Run, mysql: Path) -> None:
    ran = run("slices", mysql)
    made = codec.from_yaml(ran.text)
    assert (ran.status, made.kind) == (0, "EndpointSlice")  # type: ignore[attr-defined]
    assert [one.addresses for one in made.endpoints] == [["172.27.2.78"], ["172.27.2.79"], ["172.27.2.80"]]  # type: ignore[attr-defined]


def test_slices_as_they_are_stored(run: Run, mysql: Path) -> None:
    ran = run("slices", "--storage", mysql)
    made = codec.decode(ran.out)
    assert codec.encode(made) == ran.out
    assert made.metadata.name.startswith("platform-mysql-")  # type: ignore[attr-defined]
    assert len(made.metadata.name) == len("platform-mysql-") + 5  # type: ignore[attr-defined]
    data = codec.encode(SMALL)
    refused = run("slices", "--storage", stdin=data)
    assert (refused.status, refused.out) == (2, b"")
    lines = [json.loads(line) for line in run("slices", "--storage", "-o", "jsonl", stdin=data).out.splitlines()]
    assert [line["key"].startswith("/registry/endpointslices/ns/svc-") for line in lines] == [True, True]
    assert lines[0]["key"] != lines[1]["key"]
    assert codec.decode(b64decode(lines[0]["value"])).addressType == "IPv4"  # type: ignore[attr-defined]
    assert run("slices", "--storage", "-o", "yaml", stdin=data).status == 2


def test_slices_that_are_not_made(run: Run, tmp_path: Path) -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: svc, namespace: ns}\nspec: {selector: {a: b}}\n"
    ran = run("slices", stdin=service + "---\n" + codec.to_yaml(SMALL))
    assert (ran.status, ran.out) == (1, b"")
    assert "no slices: the Service has a selector" in ran.err
    path = tmp_path / "service.yaml"
    path.write_text(service.replace("name: svc", "name: other"))
    ran = run("slices", "--service", path, stdin=codec.to_yaml(SMALL))
    assert "no slices: there is no Service svc in namespace ns" in ran.err
    path.write_text(codec.to_yaml(SMALL))
    assert run("slices", "--service", path, stdin=codec.to_yaml(SMALL)).status == 2


def test_slices_tell_events(run: Run) -> None:
    ran = run(
        "slices", "--max-per-subset", "1", stdin=codec.encode(endpoints(subset("x 1.1.1.1 1.1.1.2", "", port(1))))
    )
    assert ran.status == 0
    assert "TooManyAddressesToMirror: A max of 1 addresses can be mirrored" in ran.err


def test_cost(run: Run, mysql: Path) -> None:
    lines = run("cost").text.splitlines()
    assert [line for line in lines if line[:1].isdigit()] == [
        "3 addresses: 1 slice; one Pod changes",
        "100 addresses: 1 slice; one Pod changes",
        "1,000 addresses: 10 slices; one Pod changes",
    ]
    assert lines[1].split() == ["Endpoints", "514", "B", "to", "etcd", "544", "B", "to", "each", "watcher"]
    (found,) = json.loads(run("cost", "-o", "json", mysql).out)
    assert (found["object"], found["addresses"], found["slices"]) == ("biz-prod-qe2bu3/platform-mysql", 3, 1)
    assert found["endpoints"]["stored"] == len(mysql.read_bytes())


def test_cost_of_slices_and_watchers(run: Run) -> None:
    data = codec.to_json(endpoint_slice(endpoint("1.1.1.1"), ports=(SlicePort(name="a", port=1),)))
    text = run("cost", "--watchers", "1000", "-", stdin=data).text
    assert text.startswith("ns/svc: 1 address, 1 slice; one Pod changes\n")
    assert "KiB to all 1,000" in text


def test_cost_has_bars_on_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "is_terminal", lambda: True)
    lines = run("cost").text.splitlines()
    assert lines[-2].endswith("  " + "█" * 40)
    assert 0 < lines[-1].count("█") < 8
    assert "█" not in lines[0]


def test_bars_and_sizes() -> None:
    assert [bar(part) for part in (0, 1 / 320, 1 / 80, 1)] == ["▏", "▏", "▌", "█" * 40]
    assert [size(count) for count in (0, 1023, 1024, 1 << 20, 5 << 30, 3 << 50)] == [
        "0 B", "1023 B", "1.0 KiB", "1.0 MiB", "5.0 GiB", "3072.0 TiB",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ((), "name an action: expand, validate, repack, slices, cost"),
        (("expnd",), "no action 'expnd'"),
        (("expand", "--old", "x"), "--old is no option of `endpoints expand`"),
        (("cost", "-o", "wide"), "-o of `endpoints cost` is one of json"),
        (("cost", "--per-slice", "x"), "--per-slice takes a number"),
        (("cost", "--per-slice", "0"), "--per-slice is at least 1"),
    ],
)
def test_usage(run: Run, words: tuple[str, ...], problem: str) -> None:
    ran = run(*words)
    assert (ran.status, ran.out) == (2, b"")
    assert problem in ran.err


def test_help_names_every_action(run: Run) -> None:
    ran = run("--help")
    assert ran.status == 0
    for action in command.ACTIONS:
        assert f"\n{action} " in ran.text

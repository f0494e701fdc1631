"""A connection to a cluster of etcd: endpoints, TLS, users, timeouts, and what went wrong in words.

Source: options as in etcdctl ctlv3/ctl.go; api/v3rpc/rpctypes/error.go.
"""

from __future__ import annotations

import os

from codec.errors import DecodeError, SourceError
from codec.source.raft_message import RaftMessage
from codec.source.stored import varint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

DIAL_TIMEOUT, COMMAND_TIMEOUT = 2.0, 5.0  # seconds; etcdctl's defaults
# A watch is silent for long: pings find out that nobody is there. etcd allows one in five seconds.
KEEPALIVE = [("grpc.keepalive_time_ms", 10_000), ("grpc.keepalive_timeout_ms", 6_000)]
HTTP, HTTPS = "http://", "https://"
PORT = 2379  # where the address names none
AUTHENTICATE = "/etcdserverpb.Auth/Authenticate"
USER_NAME, USER_PASSWORD, TOKEN = 1, 2, 2  # fields of AuthenticateRequest, and of its response


class Options:
    """How to reach an etcd. What is not given is taken from etcdctl's environment variables, such as ETCDCTL_CACERT.

    cacert, cert, key: files in PEM form. user: `name` or `name:password`. dial_timeout, command_timeout: seconds.
    """

    __slots__ = (
        "cacert",
        "cert",
        "command_timeout",
        "dial_timeout",
        "endpoints",
        "insecure_skip_tls_verify",
        "key",
        "password",
        "user",
    )

    def __init__(
        self,
        endpoints: Iterable[str] | str = (),
        *,
        cacert: str | None = None,
        cert: str | None = None,
        key: str | None = None,
        user: str | None = None,
        password: str | None = None,
        insecure_skip_tls_verify: bool | None = None,
        dial_timeout: float | None = None,
        command_timeout: float | None = None,
    ) -> None:
        given = endpoints.split(",") if isinstance(endpoints, str) else [*endpoints]
        self.endpoints = given or _environment("ENDPOINTS", "http://127.0.0.1:2379").split(",")
        self.cacert = _environment("CACERT") if cacert is None else cacert
        self.cert = _environment("CERT") if cert is None else cert
        self.key = _environment("KEY") if key is None else key
        self.user = _environment("USER") if user is None else user
        self.password = _environment("PASSWORD") if password is None else password
        self.insecure_skip_tls_verify = (
            _environment("INSECURE_SKIP_TLS_VERIFY").lower() in ("1", "t", "true")
            if insecure_skip_tls_verify is None
            else insecure_skip_tls_verify
        )
        self.dial_timeout = (
            seconds(_environment("DIAL_TIMEOUT"), DIAL_TIMEOUT) if dial_timeout is None else dial_timeout
        )
        self.command_timeout = (
            seconds(_environment("COMMAND_TIMEOUT"), COMMAND_TIMEOUT) if command_timeout is None else command_timeout
        )


def _environment(name: str, otherwise: str = "") -> str:
    return os.environ.get(f"ETCDCTL_{name}") or otherwise


def seconds(text: str, otherwise: float) -> float:
    """A time as etcdctl takes it, such as `5s`, `1m30s` or `500ms`; SourceError for anything else."""
    if not text:
        return otherwise
    from codec.types.duration import Duration

    try:
        return Duration.parse(text).nanoseconds / 1e9
    except ValueError as error:
        raise SourceError(f"not a time: {error}") from None


class ConnectionLost(SourceError):
    """No endpoint answers any more."""


class NoLeader(ConnectionLost):
    """An endpoint answers, and knows no leader that the cluster agreed on."""


class RevisionCompacted(SourceError):
    """What was asked for is before the last compaction."""


class Connection:
    """Asks one endpoint after the other until one answers, and stays with that one.

    Messages go in and come out as bytes of protobuf.
    """

    def __init__(self, options: Options) -> None:
        try:
            self._grpc: Any = __import__("grpc")
        except ImportError:
            raise SourceError("reading a running etcd needs grpcio: install `k8s-codec[etcd]`") from None
        self._options = options
        self._at = 0  # the endpoint in use
        self._channel: Any = None
        self._token: tuple[tuple[str, str], ...] = ()

    def close(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        self._token = ()  # a member that was restarted does not know it any more

    def _leave(self) -> None:
        """Gives the endpoint in use up for the next one."""
        self.close()
        self._at = (self._at + 1) % len(self._options.endpoints)

    def ask(self, method: str, request: bytes) -> RaftMessage:
        """One request, one answer."""
        problem: SourceError | None = None
        for _ in self._options.endpoints:
            found: SourceError
            try:
                call = self._open().unary_unary(method)
                return read_answer(call(request, timeout=self._options.command_timeout, metadata=self._metadata))
            except self._grpc.RpcError as error:
                found = self._explained(error)
            except ConnectionLost as error:
                found = error
            # A member without a leader tells more than one that is not there.
            if not isinstance(problem, NoLeader) or not isinstance(found, ConnectionLost):
                problem = found
            if not isinstance(found, ConnectionLost):
                break
            self._leave()
        assert problem is not None
        raise problem

    @property
    def _metadata(self) -> tuple[tuple[str, str], ...]:
        """Of a request: without a leader it is refused at once, and not only when the time is over."""
        return (*self._token, ("hasleader", "true"))

    @property
    def timeout(self) -> float:
        """Seconds that an answer may take."""
        return self._options.command_timeout

    def stream(self, method: str, request: bytes, timeout: float | None = None) -> Iterator[RaftMessage]:
        """One request and the answers to it, until the caller stops. ConnectionLost when they end."""
        from threading import Event

        done = Event()

        def requests() -> Iterator[bytes]:
            yield request
            done.wait()  # etcd ends the answers when the requests end

        call = None
        try:
            call = self._open().stream_stream(method)(requests(), timeout=timeout, metadata=self._token)
            for answer in call:
                yield read_answer(answer)
            raise ConnectionLost("etcd ended the watch")
        except self._grpc.RpcError as error:
            problem = self._explained(error)
            if isinstance(problem, ConnectionLost):
                self._leave()
            raise problem from None
        finally:
            done.set()
            if call is not None:
                call.cancel()

    def _open(self) -> Any:
        """The channel to the endpoint in use; connects and logs in where that is still to be done."""
        if self._channel is not None:
            return self._channel
        endpoint = self._options.endpoints[self._at]
        target, secure = _target(endpoint)
        limits = [("grpc.max_receive_message_length", -1), ("grpc.enable_http_proxy", 0), *KEEPALIVE]
        if secure:
            credentials, more = self._credentials(target)
            channel = self._grpc.secure_channel(target, credentials, options=limits + more)
        else:
            channel = self._grpc.insecure_channel(target, options=limits)
        self._channel = channel
        if self._options.user and not self._token:
            name, _, password = self._options.user.partition(":")
            login = _text(USER_NAME, name) + _text(USER_PASSWORD, self._options.password or password)
            answer = channel.unary_unary(AUTHENTICATE)(login, timeout=self._options.command_timeout)
            self._token = (("token", read_answer(answer).bytes(TOKEN).decode("latin-1")),)
        return channel

    def _credentials(self, target: str) -> tuple[Any, list[tuple[str, str]]]:
        """Certificates for TLS, and what else the channel has to know."""
        options = self._options
        authorities = _file(options.cacert, "CA certificate") if options.cacert else None
        more: list[tuple[str, str]] = []
        if options.insecure_skip_tls_verify:
            authorities, name = _served_certificate(target, options)
            more = [("grpc.ssl_target_name_override", name)]
        key = _file(options.key, "key") if options.key else None
        chain = _file(options.cert, "certificate") if options.cert else None
        if (key is None) != (chain is None):
            raise SourceError("a client certificate and its key go together: give both or neither")
        return self._grpc.ssl_channel_credentials(authorities, key, chain), more

    def _explained(self, error: Any) -> SourceError:
        """What a failure of gRPC means to a person."""
        code, details = error.code().name, error.details() or ""
        lower = details.lower().replace("_", " ")
        if "revision has been compacted" in lower:
            return RevisionCompacted("a compaction took the revision away while it was read: try again")
        endpoint = self._options.endpoints[self._at]
        shows_nothing = _target(endpoint)[1] and not self._options.cert
        if code == "UNAVAILABLE" and shows_nothing and any(each in lower for each in _ENDED):
            return SourceError(
                f"{endpoint} ended the connection, as it does when a client shows no certificate: give cert and key"
            )
        for words, what in _NO_LEADER:
            if words in lower:
                return NoLeader(f"{what} (etcd: {details})")
        for words, what in _MEANINGS:
            if words in lower:
                return SourceError(f"{what} (etcd: {details})")
        if "invalid auth token" in lower:
            return ConnectionLost(f"{endpoint} does not know the user any more ({details})")
        if code == "UNAVAILABLE":
            return ConnectionLost(f"nobody answers at {endpoint} ({details})")
        if code == "DEADLINE_EXCEEDED":
            waited = f"no answer from {endpoint} within {self._options.command_timeout:g} s"
            return ConnectionLost(f"{waited}: perhaps its cluster lost its quorum")
        return SourceError(f"etcd refused: {details or code}")


# How gRPC says that the server ended a connection after the handshake, which is when it looks for a certificate.
_ENDED = (
    "socket closed",
    "connection reset",
    "unwrap failed",
    "broken pipe",
    "alert bad certificate",
    "certificate required",
)
_NO_LEADER = (
    ("no leader", "the cluster has no leader, perhaps because it lost its quorum"),
    ("leader changed", "the cluster chose another leader"),
    ("request timed out", "the cluster did not agree in time, perhaps because it lost its quorum"),
)
# What is in the details of an error → what it means.
_MEANINGS = (
    ("certificate verify failed", "the server's certificate is not of the CA that was given: see cacert"),
    ("bad certificate", "the server does not accept the client certificate: see cert and key"),
    ("unknown ca", "the server does not know the CA of the client certificate: see cert and key"),
    ("hostname verification", "the server's certificate names another host"),
    ("wrong version number", "the server speaks no TLS: give an address with http://"),
    ("user name is empty", "the cluster wants to know the user: give user and password"),
    ("authentication failed", "the cluster does not accept user and password"),
    ("authentication is not enabled", "the cluster knows no users: leave user and password out"),
    ("permission denied", "the user may not read these keys"),
)


def _target(endpoint: str) -> tuple[str, bool]:
    """Host and port of an address, and whether it is for TLS."""
    secure = endpoint.startswith(HTTPS)
    target = endpoint.removeprefix(HTTPS).removeprefix(HTTP).rstrip("/")
    host, colon, port = target.rpartition(":")
    if colon and port.isdigit() and not (host.count(":") and not host.endswith("]")):
        return target, secure
    return (f"[{target}]" if target.count(":") > 1 and not target.startswith("[") else target) + f":{PORT}", secure


def _file(path: str, what: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise SourceError(f"{what} {path}: {error.strerror or error}") from None


def _served_certificate(target: str, options: Options) -> tuple[bytes, str]:
    """The certificate that a server shows, to be believed as it is, and a name that stands in it."""
    import socket
    import ssl

    host, _, port = target.rpartition(":")
    host = host.strip("[]")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        if options.cert:
            context.load_cert_chain(options.cert, options.key or None)
        with (
            socket.create_connection((host, int(port)), options.dial_timeout) as plain,
            context.wrap_socket(plain) as secure,
        ):
            raw = secure.getpeercert(binary_form=True) or b""
        pem = ssl.DER_cert_to_PEM_cert(raw)
        # The standard library names the hosts in a certificate only once it has verified it: here against itself.
        context = ssl.create_default_context(cadata=pem)
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if options.cert:
            context.load_cert_chain(options.cert, options.key or None)
        with (
            socket.create_connection((host, int(port)), options.dial_timeout) as plain,
            context.wrap_socket(plain) as secure,
        ):
            names: Any = (secure.getpeercert() or {}).get("subjectAltName", ())
    except OSError as error:
        raise ConnectionLost(f"nobody answers TLS at {target} ({error})") from None
    return pem.encode(), next((name for kind, name in names if kind in ("DNS", "IP Address")), host)


def _text(field: int, text: str) -> bytes:
    value = text.encode()
    return varint(field << 3 | 2) + varint(len(value)) + value


def read_answer(raw: bytes) -> RaftMessage:
    """The fields of an answer. SourceError for bytes that are none."""
    try:
        return RaftMessage(raw)
    except DecodeError as error:
        raise SourceError(f"an answer that cannot be read: {error}") from None

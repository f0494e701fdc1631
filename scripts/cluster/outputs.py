"""Keeps what etcdctl really prints: the texts that people paste, save and pipe."""

from __future__ import annotations

from pathlib import Path

from cluster.etcdctl import Etcdctl

KEYS = {
    "endpoints": "/registry/services/endpoints/biz-prod-qe2bu3/platform-mysql",
    "secret": "/registry/secrets/web/login",
    "event": "/registry/events/web/minimal.17a1b2c3d4e5f601",  # carries an etcd lease
    "crontab": "/registry/stable.example.com/crontabs/web/nightly",
}
PREFIXES = {
    "endpoints-prefix": "/registry/services/endpoints/biz-prod-qe2bu3/",
    "configmaps-prefix": "/registry/configmaps/web/",
    "absent-prefix": "/registry/absent/",
    "crontabs-prefix": "/registry/stable.example.com/crontabs/",
}
FORMS = {
    "plain": (),
    "value": ("--print-value-only",),
    "json": ("-w", "json"),
    "fields": ("-w", "fields"),
    "hex": ("--hex",),
    "protobuf": ("-w", "protobuf"),
}


def keep_outputs(etcdctl: Etcdctl, folder: Path) -> None:
    """`<what>.<form>`, and `<what>.terminal…`: the same through a pseudo-terminal."""
    for what, key in KEYS.items():
        for form, flags in FORMS.items():
            (folder / f"{what}.{form}").write_bytes(etcdctl.output("get", key, *flags))
        (folder / f"{what}.terminal").write_bytes(etcdctl.terminal_output("get", key))
        (folder / f"{what}.terminal-value").write_bytes(etcdctl.terminal_output("get", key, "--print-value-only"))
    for what, prefix in PREFIXES.items():
        for form, flags in FORMS.items():
            (folder / f"{what}.{form}").write_bytes(etcdctl.output("get", prefix, "--prefix", *flags))
        (folder / f"{what}.terminal").write_bytes(etcdctl.terminal_output("get", prefix, "--prefix"))
    (folder / "keys-only.plain").write_bytes(etcdctl.output("get", "/registry/", "--prefix", "--keys-only"))

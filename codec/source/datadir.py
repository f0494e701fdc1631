"""A data directory of etcd: its database, and what its write-ahead log holds beyond it.

Source: etcd server/storage/datadir/datadir.go, server/etcdserver/bootstrap.go, server/etcdserver/snapshot.go.
"""

from __future__ import annotations

import json
import os

from codec.errors import DecodeError, SourceError
from codec.source.bbolt import Database
from codec.source.etcd_file import EtcdFile
from codec.source.raft_message import RaftMessage
from codec.source.replay import PermissionsInForce, Replay
from codec.source.wal import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codec.source.wal import Log

DATABASE = os.path.join("member", "snap", "db")
LOG = os.path.join("member", "wal")
RECEIVED = ".snap.db"  # ends the name of a database that came from the leader, after its index in 16 hex digits
META, CONF_STATE, MEMBERS = b"meta", b"confState", b"members"
AUTH, AUTH_ENABLED = b"auth", b"authEnabled"
ALARM, ALARM_MEMBER, ALARM_TYPE = b"alarm", 1, 2  # a bucket, and the fields of its keys


def database_path(folder: str) -> str:
    """The database within a data directory, or within its folder `member`; "" where there is none."""
    for path in (os.path.join(folder, DATABASE), os.path.join(folder, "snap", "db")):
        if os.path.isfile(path):
            return path
    return ""


class DataDirectory(EtcdFile):
    """What etcd would know after starting from a data directory.

    Entries of the write-ahead log are applied in memory: those that are committed, and in a cluster of one voting
    member all of them, because nobody else has to agree. applied: how many. uncommitted: how many of them, or of
    those left out, nobody is known to have agreed on; `include_uncommitted` applies them anyway.
    """

    form = "etcd data directory"

    def __init__(self, folder: str, *, wal: bool = True, include_uncommitted: bool = False) -> None:
        path = database_path(folder)
        snap = os.path.dirname(path)
        super().__init__(folder, Database(path))
        self.applied = 0
        self.uncommitted = 0
        try:
            self._use_received(folder, snap)
            if wal:
                self._replay(os.path.join(os.path.dirname(snap), "wal"), include_uncommitted)
        except BaseException:
            self.close()
            raise

    def _use_received(self, folder: str, snap: str) -> None:
        """Goes over to a database that the leader sent and that etcd did not put into its place yet."""
        newest = 0
        for name in os.listdir(snap):
            if name.endswith(RECEIVED):
                try:
                    newest = max(newest, int(name[: -len(RECEIVED)], 16))
                except ValueError:
                    continue
        if newest > self.revisions.consistent_index:
            name = f"{newest:016x}{RECEIVED}"
            self.database.close()
            super().__init__(folder, Database(os.path.join(snap, name)))
            self.warnings.append(f"{name}, which the leader sent, is newer than the database and was read in its place")

    def _replay(self, folder: str, include_uncommitted: bool) -> None:
        if not os.path.isdir(folder):
            self.warnings.append("there is no write-ahead log: what etcd had not written to its database is missing")
            return
        log = read(folder, self.revisions.consistent_index)
        self._warn_of_damage(log)
        self._leases = self._read_leases()
        replay = Replay(self.revisions, self._leases, self._alarms(), self._voters(), self._auth_enabled())
        for entry in log.entries:
            if entry.index > log.commit and not include_uncommitted and len(replay.voters) != 1:
                break
            try:
                replay.apply(entry)
            except DecodeError as error:
                self.warnings.append(f"write-ahead log: entry {entry.index} cannot be read, nor what follows: {error}")
                break
            except PermissionsInForce:
                self.warnings.append(
                    f"write-ahead log: entries from {entry.index} on were left out, because etcd checks its users' "
                    "permissions for them"
                )
                break
            self.applied += 1
        self._warn_of_uncommitted(log)
        self.revision = self.revisions.revision
        self.compact_revision = self.revisions.compact_revision

    def _warn_of_damage(self, log: Log) -> None:
        if not log.problem:
            return
        if log.torn:
            self.warnings.append(f"write-ahead log: the last write was cut off, {log.problem}")
        else:
            self.warnings.append(f"write-ahead log: {log.problem}: what follows entry {log.last} is missing")
        if log.commit > log.last:
            self.warnings.append(f"write-ahead log: entries {log.last + 1} to {log.commit} were committed and are lost")

    def _warn_of_uncommitted(self, log: Log) -> None:
        first = max(log.commit, log.after) + 1
        self.uncommitted = max(log.last - first + 1, 0)
        if not self.uncommitted:
            return
        entries = f"entries {first} to {log.last} are" if first < log.last else f"entry {first} is"
        if log.after + self.applied < first:
            self.warnings.append(f"write-ahead log: {entries} left out, because not known to be committed")
        else:
            self.warnings.append(f"write-ahead log: {entries} applied, although not known to be committed")

    def _voters(self) -> set[int]:
        """The ids of the members that vote, as of the database. etcd before 3.5 keeps the list of members alone."""
        raw = self._bucket(META).get(CONF_STATE)
        try:
            if raw is not None:
                return {int(each) for each in json.loads(raw).get("voters") or ()}
            return {
                int(key, 16) for key, value in self._bucket(MEMBERS).items() if not json.loads(value).get("isLearner")
            }
        except (ValueError, AttributeError, TypeError):
            raise SourceError("the list of members cannot be read") from None

    def _auth_enabled(self) -> bool:
        return self._bucket(AUTH).get(AUTH_ENABLED) == b"\x01"

    def _alarms(self) -> set[tuple[int, int]]:
        found = set()
        for key in self._bucket(ALARM):
            try:
                alarm = RaftMessage(key)
            except DecodeError as error:
                raise SourceError(f"an alarm that cannot be read: {error}") from None
            found.add((alarm.number(ALARM_MEMBER), alarm.number(ALARM_TYPE)))
        return found

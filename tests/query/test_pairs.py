"""Two selections side by side: every key of both once, in order, whatever stands around the prefix."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from query.memory import Memory

from codec.query.pairs import pairs
from codec.query.select import select

KEYS = st.sampled_from(
    [f"/pods/{namespace}/{name}" for namespace in "ab" for name in "xyz"] + ["/configmaps/a/x", "/services/specs/a/x"]
)
AROUND = st.sampled_from(["compact_rev_key", "!first", "/aaa", "/zzz/1", "zz"])


def joined(first: Memory, second: Memory) -> list[tuple[bytes | None, bytes | None]]:
    found = pairs(select(first), select(second))
    return [(old and old.stored.key, new and new.stored.key) for old, new in found]


@given(st.sets(KEYS), st.sets(KEYS), st.sets(AROUND), st.sets(AROUND), st.sampled_from(["/registry", "/kubernetes.io"]))
def test_every_key_once(old: set[str], new: set[str], around: set[str], other: set[str], prefix: str) -> None:
    mark = "/namespaces/kube-system"
    first = Memory(dict.fromkeys(["/registry" + key for key in {*old, mark}] + [*around], b"1"))
    second = Memory(dict.fromkeys([prefix + key for key in {*new, mark}] + [*other], b"2"))
    found = joined(first, second)
    assert [one for one, _ in found if one] == sorted(first.records)
    assert [one for _, one in found if one] == sorted(second.records)
    both = {one.removeprefix(b"/registry") for one, two in found if one and two}
    assert both == {key.encode() for key in {*(old & new), mark, *(around & other)}}
    for one, two in found:
        if one and two:
            assert one.removeprefix(b"/registry") == two.removeprefix(prefix.encode())


def test_one_side_alone() -> None:
    source = Memory({"/registry/pods/a/x": b"1"})
    assert [(old is not None, new is not None) for old, new in pairs(select(source), None)] == [(True, False)]
    assert [(old is not None, new is not None) for old, new in pairs(None, select(source))] == [(False, True)]
    assert list(pairs(None, None)) == []

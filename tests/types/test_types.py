"""The door of codec.types: lazy names, nil lists and maps, and what an import costs."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest

import codec.types
from codec.types import NilDict, NilList

NAMES = codec.types.__all__


def test_names() -> None:
    assert sorted(NAMES) == NAMES
    assert set(NAMES) <= set(dir(codec.types))
    for name in NAMES:
        assert getattr(codec.types, name) is getattr(codec.types, name)
    assert codec.types.Quantity("1").valid
    assert isinstance(5, codec.types.IntOrString)
    with pytest.raises(AttributeError, match=r"^module 'codec\.types' has no attribute 'Nothing'$"):
        _ = codec.types.Nothing  # type: ignore[attr-defined]


@pytest.mark.parametrize(("nil", "empty", "full"), [(NilList, [], [1]), (NilDict, {}, {"a": 1})])
def test_nil(nil: type[NilList | NilDict], empty: object, full: object) -> None:
    assert nil() == empty
    assert not nil()
    assert repr(nil()) == repr(empty)
    assert nil(full) == full  # type: ignore[arg-type]
    assert not hasattr(nil(), "__dict__")
    for twin in (copy.copy(nil()), copy.deepcopy(nil()), pickle.loads(pickle.dumps(nil()))):
        assert type(twin) is nil
        assert twin == empty


def test_import_is_light() -> None:
    """None of these modules may come along: a command that decodes one value is over before they are loaded."""
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from codec.types import Duration, IntOrString, MicroTime, NilList, Quantity, RawJSON, Time\n"
        "Time.parse('2024-01-01T00:00:00Z').text; MicroTime(0).text; Quantity('1000m').canonical\n"
        "Duration.parse('1h').text; RawJSON(b'{\"a\": [1]}').compact()\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = [name for name in done.stdout.split() if not name.startswith("codec")]
    assert loaded == ["__future__", "_json"]

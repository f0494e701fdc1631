"""The inputs of a command: files, folders and stdin → the stored values in them."""

from __future__ import annotations

from codec.cli.output import Outcome
from codec.errors import CodecError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codec.source.key_value import KeyValue


def contents(names: Sequence[str], outcome: Outcome) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each input; one that cannot be read is named, and passed over."""
    from codec.source.files import STDIN, files, read

    for name in names or (STDIN,):
        label = name
        try:
            for path in files(name):
                label = "stdin" if path == STDIN else path
                yield label, read(path)
        except CodecError as error:
            outcome.failed(label, error)


def key_values(names: Sequence[str], outcome: Outcome) -> Iterator[KeyValue]:
    """The stored values of each input, as they are recognised."""
    from codec.source.files import key_of
    from codec.source.recognise import recognise

    for label, data in contents(names, outcome):
        try:
            for row in recognise(data, label):
                if row.key is None:
                    row.key = key_of(label)
                yield row
        except CodecError as error:
            outcome.failed(label, error)

"""Strings and trees that are hard to write as JSON and YAML."""

from __future__ import annotations

from hypothesis import strategies as st

# Pieces that mean something to YAML or JSON, alone or next to each other.
PIECES = (
    *("a", "b", "Z", "0", "1", "9", "-", "_", ".", ":", ": ", " ", "  ", " #", "#", '"', "'", "\\", "/", "+", "$", ","),
    *("\n", "\n\n", " \n", "\n ", "\t", "\r", "\x00", "\x08", "\x1b", "\u2028", "\u2029", "\xa0", "é", "\ufffd"),
    *("\ufeff", "😀", "中文", "\u200b", "٣", "\udc80", "{", "}", "[", "]", "&", "*", "!", "|", ">", "<", "%", "@", "`"),
    *(
        "?",
        "? ",
        "- ",
        "---",
        "...",
        "<<",
        "=",
        "~",
        "null",
        "true",
        "yes",
        "no",
        "on",
        "off",
        "y",
        "N",
        ".inf",
        ".nan",
    ),
    *("0x1F", "0o17", "0b1", "1e3", ".5", "1_000", "1:30", "2001-01-01", "T1:2:3Z", "e", "E", "x", "k" * 40),
    *("lorem ipsum dolor sit amet ", "long words here and there "),
)
# Go reads these back differently, or not at all, when it turns its JSON into YAML.
NOT_IN_UPSTREAM = ("\x7f", "\x80", "\x85", "\ufffe")

strings = st.lists(st.sampled_from(PIECES), max_size=6).map("".join) | st.lists(
    st.sampled_from(PIECES), min_size=8, max_size=40
).map("".join)
keys = st.sampled_from(["name", "key1", "key10", "key2", "a_b", "a.b", "A", "a-b", "_"]) | strings
floats = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(10**24), 10**24).map(float)
    | st.builds(lambda number, power: number / 10**power, st.integers(-(10**6), 10**6), st.integers(0, 12))
)
integers = st.integers(-(2**70), 2**70) | st.sampled_from([2**64 - 1, 2**64, -(2**63), -(2**63) - 1, 0])
leaves = strings | st.none() | st.booleans() | integers | floats
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)

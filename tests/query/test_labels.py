"""codec.query.labels: what a label selector means, judged by apimachinery's labels.Parse."""

from __future__ import annotations

import random

import oracle
import pytest

from codec.errors import SelectionError
from codec.query.labels import parse

LABELS = [
    {},
    {"app": "web"},
    {"app": "web", "tier": "front", "n": "7"},
    {"app": "", "n": "-12", "in": "notin"},
    {"app.kubernetes.io/name": "web", "tier": "a", "n": "9223372036854775807"},
    {"n": "9223372036854775808", "app": "x_y.z", "notin": "in"},
    {"n": "07", "tier": "in"},
    {"n": "+7", "x": "1"},
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("app", [1, 2, 3, 5]),
        ("!app", [0, 4, 6, 7]),
        ("app=web", [1, 2]),
        ("app==web,tier", [2]),
        ("app!=web", [0, 3, 4, 5, 6, 7]),
        ("app in (web, x_y.z)", [1, 2, 5]),
        ("app in ()", [3]),
        ("tier notin (front,,a)", [0, 1, 3, 5, 6, 7]),
        ("n>6", [2, 4, 6, 7]),
        ("n < 0", [3]),
        ("in,in=notin", [3]),
        ("app.kubernetes.io/name = web", [4]),
        ("app=", [3]),
    ],
)
def test_what_it_selects(text: str, expected: list[int]) -> None:
    selector = parse(text)
    assert [number for number, labels in enumerate(LABELS) if selector.matches(labels)] == expected
    assert bool(selector) == bool(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("app=web tier", "expected `,` or the end, found 'tier'"),
        ("app=web,", "expected a label behind `,`, found ''"),
        ("=web", "expected a label or `!`, found '='"),
        ("app in web", "expected `(`, found 'web'"),
        ("app in (web", "expected `,` or `)`, found ''"),
        ("app is web", "expected an operator: =, ==, !=, in, notin, >, <, found 'is'"),
        ("-app", "'-app' is no label: a name has at most 63 letters, digits, `-`, `_`, `.`, and begins and ends with"),
        ("a/b/c", "'a/b/c' is no label: it has more than one slash"),
        ("A_b/c", "what stands before the slash is no DNS subdomain"),
        ("app=-", "'-' is no value of a label"),
        ("n>x", "> compares integers, not 'x'"),
        ("app=(", "expected a value, found '('"),
        ("!", "expected a label, found ''"),
    ],
)
def test_what_is_none(text: str, problem: str) -> None:
    with pytest.raises(SelectionError) as caught:
        parse(text)
    assert str(caught.value).startswith(f"label selector {text!r}: ")
    assert problem in str(caught.value)


KEYS = ["app", "tier", "n", "in", "notin", "app.kubernetes.io/name", "x", "-a", "a/b/c", "A.b/c", "/x", "x/", "a" * 64]
VALUES = [
    "web",
    "front",
    "",
    "7",
    "-12",
    "+7",
    "07",
    "in",
    "notin",
    "x_y.z",
    "a",
    "9223372036854775807",
    "_",
    "é",
    "b" * 63,
]
TOKENS = ["=", "==", "!=", "!", "(", ")", ",", ">", "<", " ", "\t", "\n", "in", "notin", "\0", "\x0b", *KEYS, *VALUES]


def well_formed(chance: random.Random) -> str:
    parts = []
    for _ in range(chance.randint(1, 3)):
        key, space = chance.choice(KEYS[:7]), chance.choice(["", " ", "  "])
        operator = chance.choice(["", "!", "=", "==", "!=", ">", "<", " in ", " notin "])
        if operator in ("", "!"):
            parts.append(f"{operator}{space}{key}")
        elif operator.strip() in ("in", "notin"):
            values = f",{space}".join(chance.choice(VALUES[:12]) for _ in range(chance.randint(0, 3)))
            parts.append(f"{key}{operator}{space}({values})")
        else:
            parts.append(f"{key}{space}{operator}{space}{chance.choice(VALUES[:12])}")
    return ",".join(parts)


def test_random_selectors_mean_what_they_mean_to_kubernetes() -> None:
    if not oracle.available():
        pytest.skip("needs Go, to ask the real Kubernetes code")
    chance = random.Random(6)
    texts = [well_formed(chance) for _ in range(3000)]
    texts += ["".join(chance.choice(TOKENS) for _ in range(chance.randint(0, 9))) for _ in range(6000)]
    for text in texts[:3000]:
        # One character too many, too few, or another one.
        place = chance.randrange(len(text))
        texts.append(text[:place] + chance.choice(["", *TOKENS]) + text[place + chance.randint(0, 1) :])
    answers = oracle.ask({"op": "selector", "text": text, "labels": LABELS} for text in texts)
    selected = refused = 0
    for text, answer in zip(texts, answers, strict=True):
        try:
            selector = parse(text)
        except SelectionError:
            refused += 1
            assert "error" in answer, text
            assert "panic" not in answer["error"], text
            continue
        assert "result" in answer, (text, answer)
        assert [selector.matches(labels) for labels in LABELS] == answer["result"], text
        selected += any(answer["result"])
    assert selected > 1500
    assert refused > 3000

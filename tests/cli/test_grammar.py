"""Command lines: what they mean, and the words about those that mean nothing."""

from __future__ import annotations

import shlex

import pytest

from codec.cli import COMMANDS, load, main
from codec.cli.grammar import Command, Option, UsageError, parse
from codec.cli.help import manual

COMMAND = Command(
    "try",
    "a command for tests",
    operands="[FILE]",
    limit=1,
    options=(
        Option("-o, --output", "form", choices=("yaml", "json"), default="yaml"),
        Option("-n, --number", "number", metavar="N", is_number=True),
        Option("-a, --all-of-it", "a switch"),
        Option("-b", "another"),
        Option("--key", "text", metavar="KEY"),
    ),
    run=lambda arguments: 0,
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", {"output": "yaml", "number": None, "all_of_it": False}),
        ("-o json", {"output": "json"}),
        ("-ojson", {"output": "json"}),
        ("-o=json", {"output": "json"}),
        ("--output json --output yaml", {"output": "yaml"}),
        ("--output=json", {"output": "json"}),
        ("-ab", {"all_of_it": True, "b": True}),
        ("-abojson", {"all_of_it": True, "b": True, "output": "json"}),
        ("-n 12 --all-of-it", {"number": 12, "all_of_it": True}),
        ("--key=", {"key": ""}),
        ("--key -", {"key": "-"}),
        ("file -a", {"operands": ["file"], "all_of_it": True}),
        ("-", {"operands": ["-"]}),
        ("-a -- -b", {"operands": ["-b"], "b": False}),
    ],
)
def test_what_a_line_means(line: str, expected: dict[str, object]) -> None:
    arguments = parse(COMMAND, shlex.split(line))
    assert {name: getattr(arguments, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("-o xml", "--output is one of yaml, json, not 'xml'"),
        ("-n x", "--number takes a number, not 'x'"),
        ("-n 9999999999", "--number takes a number, not '9999999999'"),
        ("--number", "--number needs a value"),
        ("-n", "-n needs a value"),
        ("--all-of-it=yes", "--all-of-it takes no value"),
        ("--outptu json", "try has no option --outptu: did you mean --output?"),
        ("-x", "try has no option -x"),
        ("a b", "try takes [FILE], and nothing more: 'b'"),
    ],
)
def test_what_means_nothing(line: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(COMMAND, shlex.split(line))
    assert caught.value.problem == problem


def test_arguments_know_only_their_options() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = parse(COMMAND, []).nothing


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_are_command_lines_of_their_command(name: str) -> None:
    command = load(name)
    assert command.examples
    for line, _ in command.examples:
        ours = next(part for part in line.replace("<(", "|").replace(")", "|").split("|") if "k8s-codec" in part)
        words = shlex.split(ours.partition(" > ")[0])
        assert words[:2] == ["k8s-codec", name]
        parse(command, words[2:])


@pytest.mark.parametrize("name", COMMANDS)
def test_manuals_fit_a_screen_and_name_every_option(name: str) -> None:
    text = manual(load(name))
    assert max(map(len, text.splitlines())) <= 120
    for option in load(name).options:
        assert all(flag in text for flag in option.flags)
    assert "Examples:" in text


def test_usage_ends_in_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decoed"]) == 2
    assert capsys.readouterr().err == "k8s-codec: no command 'decoed': did you mean decode?\nTry `k8s-codec --help`.\n"
    assert main(["decode", "--nope"]) == 2
    assert "Try `k8s-codec decode --help`." in capsys.readouterr().err
    assert main(["--nope", "decode"]) == 2
    assert "no option --nope before the command" in capsys.readouterr().err
    assert main([]) == 2
    assert "Commands:" in capsys.readouterr().err

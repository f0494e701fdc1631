"""What a command line may say: options and operands as rows of a table, which parsing, --help and completion read.

Not argparse: it and what it imports would be a third of the time of decoding one object.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any


class UsageError(Exception):
    """A command line that means nothing: exit status 2. `command` is the one whose help tells more, or ""."""

    def __init__(self, problem: str, command: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.command = command


class Option:
    """One option: a switch without `metavar`; with it, it takes a value, an integer where `is_number`."""

    __slots__ = ("choices", "default", "flags", "is_number", "metavar", "name", "summary")

    def __init__(
        self,
        flags: str,
        summary: str,
        *,
        metavar: str = "",
        choices: Sequence[str] = (),
        default: Any = None,
        is_number: bool = False,
    ) -> None:
        self.flags = flags.split(", ")
        self.name = self.flags[-1].lstrip("-").replace("-", "_")
        self.summary = summary
        self.choices = choices
        self.metavar = metavar or "|".join(choices)
        self.is_number = is_number
        self.default = default if self.metavar else False

    def value(self, text: str, command: str) -> Any:
        """The value that a text stands for."""
        if self.choices and text not in self.choices:
            raise UsageError(f"{self.flags[-1]} is one of {', '.join(self.choices)}, not {text!r}", command)
        if not self.is_number:
            return text
        if not text.isdecimal() or len(text) > 9:
            raise UsageError(f"{self.flags[-1]} takes a number, not {text!r}", command)
        return int(text)


HELP = Option("-h, --help", "print this")


class Command:
    """One command. `operands`: what stands after the options, for help; at most `limit` of them.

    examples: (command line, what it does); run: takes the Arguments and returns the exit status.
    """

    __slots__ = ("description", "examples", "limit", "name", "operands", "options", "run", "summary")

    def __init__(
        self,
        name: str,
        summary: str,
        *,
        description: str = "",
        operands: str = "",
        limit: int | None = None,
        options: Sequence[Option] = (),
        examples: Sequence[tuple[str, str]] = (),
        run: Callable[[Arguments], int],
    ) -> None:
        self.name = name
        self.summary = summary
        self.description = description
        self.operands = operands
        self.limit = limit
        self.options = (*options, HELP)
        self.examples = examples
        self.run = run


class Arguments:
    """What a command line said: each option's value by its long name, and the operands. command: its name."""

    def __init__(self, command: Command) -> None:
        self.command = command.name
        self._values: dict[str, Any] = {option.name: option.default for option in command.options}
        self.operands: list[str] = []
        self.literal: int | None = None  # how many operands stand before `--`, if it stands there

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(name) from None

    def set(self, option: Option, value: Any) -> None:
        self._values[option.name] = value


def parse(command: Command, words: Sequence[str]) -> Arguments:
    """Reads the words after the command's name. UsageError for what the command does not know."""
    arguments = Arguments(command)
    waiting = list(reversed(words))
    while waiting:
        word = waiting.pop()
        if word == "--":
            arguments.literal = len(arguments.operands)
            arguments.operands += reversed(waiting)
            break
        if word.startswith("--"):
            flag, equals, text = word.partition("=")
            option = _find(command, flag)
            if not option.metavar and equals:
                raise UsageError(f"{flag} takes no value", command.name)
            if option.metavar and not equals:
                text = _next(waiting, flag, command)
            arguments.set(option, option.value(text, command.name) if option.metavar else True)
        elif word.startswith("-") and word != "-":
            _short(command, word, waiting, arguments)
        else:
            arguments.operands.append(word)
    if command.limit is not None and len(arguments.operands) > command.limit and not arguments.help:
        takes = f"takes {command.operands or 'no operand'}, and nothing more"
        raise UsageError(f"{command.name} {takes}: {arguments.operands[command.limit]!r}", command.name)
    return arguments


def _short(command: Command, word: str, waiting: list[str], arguments: Arguments) -> None:
    """`-o yaml`, `-oyaml`; switches of one letter may stand together."""
    letters = word[1:]
    while letters:
        flag = f"-{letters[0]}"
        option = _find(command, flag)
        letters = letters[1:]
        if option.metavar:
            text = letters.removeprefix("=") or _next(waiting, flag, command)
            arguments.set(option, option.value(text, command.name))
            return
        arguments.set(option, True)


def _find(command: Command, flag: str) -> Option:
    for option in command.options:
        if flag in option.flags:
            return option
    flags = [flag for option in command.options for flag in option.flags]
    raise UsageError(f"{command.name} has no option {flag}{suggestion(flag, flags)}", command.name)


def _next(waiting: list[str], flag: str, command: Command) -> str:
    if not waiting:
        raise UsageError(f"{flag} needs a value", command.name)
    return waiting.pop()


def suggestion(word: str, known: Sequence[str]) -> str:
    """`: did you mean …?` where something known is near."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1)
    return f": did you mean {near[0]}?" if near else ""

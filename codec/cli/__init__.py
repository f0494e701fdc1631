"""The command `k8s-codec`: picks the subcommand and turns what ends it into an exit status.

Exit status: 0 well; 1 the answer is no; 2 wrong usage; 3 some input failed or its text form lost something.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from codec.cli.grammar import Command

# the commands, in the order of help; each is a module here with its COMMAND
COMMANDS = (
    "decode",
    "encode",
    "inspect",
    "endpoints",
    "ls",
    "get",
    "history",
    "diff",
    "watch",
    "export",
    "size",
    "check",
    "kinds",
    "completion",
)

INTERRUPTED = 130  # what shells report for a command that was interrupted


def load(name: str) -> Command:
    """The table row of a command; UsageError where there is none of that name."""
    if name not in COMMANDS:
        from codec.cli.grammar import UsageError, suggestion

        raise UsageError(f"no command {name!r}{suggestion(name, COMMANDS)}")
    module = __import__(f"codec.cli.{name}", fromlist=["COMMAND"])
    command: Command = module.COMMAND
    return command


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command line (without the program's name) and returns its exit status."""
    from codec.cli.grammar import UsageError
    from codec.cli.output import FAILED, PROGRAM, USAGE, say
    from codec.errors import CodecError

    words = sys.argv[1:] if argv is None else list(argv)
    try:
        status = _run(words)
        sys.stdout.flush()
    except UsageError as error:
        say(error.problem)
        named = f"{PROGRAM} {error.command}" if error.command else PROGRAM
        sys.stderr.write(f"Try `{named} --help`.\n")
        return USAGE
    except CodecError as error:
        say(str(error))
        return FAILED
    except BrokenPipeError:
        return _reader_is_gone()
    except OSError as error:
        say(f"cannot write: {error.strerror or error}")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _run(words: list[str]) -> int:
    from codec.cli.grammar import parse

    if not words or words[0].startswith("-"):
        from codec.cli.help import overview

        return overview(words)
    command = load(words[0])
    arguments = parse(command, words[1:])
    if arguments.help:
        from codec.cli.help import explain

        return explain(command)
    return command.run(arguments)


def _reader_is_gone() -> int:
    """Whoever read stdout has seen enough, as `head` has: no words about it, not from the interpreter's end either."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0

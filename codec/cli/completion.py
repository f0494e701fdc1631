"""`k8s-codec completion`: scripts for the shells, made from the table of commands."""

from __future__ import annotations

from codec.cli.grammar import Arguments, Command, UsageError
from codec.cli.output import PROGRAM, WELL, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codec.cli.grammar import Option

SHELLS = ("bash", "zsh", "fish")


def run(arguments: Arguments) -> int:
    """Prints the script of the shell that is named."""
    if len(arguments.operands) != 1 or arguments.operands[0] not in SHELLS:
        raise UsageError(f"name one shell: {', '.join(SHELLS)}", "completion")
    from codec.cli import COMMANDS, load

    commands = [load(name) for name in COMMANDS]
    write({"bash": _bash, "zsh": _zsh, "fish": _fish}[arguments.operands[0]](commands))
    return WELL


def _words(command: Command) -> str:
    """What may stand where an option may."""
    flags = " ".join(flag for option in command.options for flag in option.flags)
    return f"{flags} {' '.join(SHELLS)}" if command.name == "completion" else flags


def _reads_a_source(command: Command) -> bool:
    """Whether resource types may stand behind the first operand."""
    return command.operands.startswith("SOURCE [")


def _types() -> str:
    """The built-in resource types. What else a source holds is not known before it is read."""
    from codec.query.resources import builtin

    return " ".join(sorted({each.plural for each in builtin().values()}))


def _value_cases(command: Command) -> list[tuple[str, Option]]:
    return [("|".join(option.flags), option) for option in command.options if option.metavar]


def _bash(commands: list[Command]) -> str:
    lines = [
        "_k8s_codec() {",
        "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}",
        "  COMPREPLY=()",
        f'  local types="{_types()}"',
        '  if [ "$COMP_CWORD" -eq 1 ]; then',
        f'    COMPREPLY=($(compgen -W "{" ".join(command.name for command in commands)} --help --version" -- "$word"))',
        "    return",
        "  fi",
        '  case "$command" in',
    ]
    for command in commands:
        lines.append(f"    {command.name})")
        if cases := _value_cases(command):
            lines.append('      case "$before" in')
            for flags, option in cases:
                words = (
                    f'COMPREPLY=($(compgen -W "{" ".join(option.choices)}" -- "$word")); return'
                    if option.choices
                    else ""
                )
                files = (
                    'COMPREPLY=($(compgen -f -- "$word")); return' if option.metavar in ("FILE", "FOLDER") else "return"
                )
                lines.append(f"        {flags}) {words or files} ;;")
            lines.append("      esac")
        lines.append('      case "$word" in')
        pattern = "*" if command.name == "completion" else "-*"
        lines.append(f'        {pattern}) COMPREPLY=($(compgen -W "{_words(command)}" -- "$word")) ;;')
        if _reads_a_source(command):
            lines.append('        *) COMPREPLY=($(compgen -f -- "$word"))')
            lines.append('          [ "$COMP_CWORD" -gt 2 ] && COMPREPLY+=($(compgen -W "$types" -- "$word")) ;;')
        elif command.name != "completion":
            lines.append('        *) COMPREPLY=($(compgen -f -- "$word")) ;;')
        lines += ["      esac", "      ;;"]
    lines += ["  esac", "}", f"complete -o filenames -F _k8s_codec {PROGRAM}", ""]
    return "\n".join(lines)


def _zsh(commands: list[Command]) -> str:
    lines = [f"#compdef {PROGRAM}", "_k8s_codec() {", "  local -a commands", "  commands=("]
    lines += [f"    {_single_quoted(f'{command.name}:{command.summary}')}" for command in commands]
    lines += ["  )", "  if (( CURRENT == 2 )); then", "    _describe command commands", "    return", "  fi"]
    lines.append(f'  local types="{_types()}"')
    lines += ["  local command=$words[2]", "  shift words", "  (( CURRENT-- ))", '  case "$command" in']
    for command in commands:
        lines.append(f"    {command.name})")
        parts = []
        for option in command.options:
            for flag in option.flags:
                text = f"{flag}[{_zsh_escaped(option.summary)}]"
                if option.metavar:
                    text += f":{option.metavar.lower() if not option.choices else 'form'}:{_zsh_action(option)}"
                parts.append(_single_quoted(text))
        if _reads_a_source(command):
            parts += ["'1:source:_files'", '"*:resource:($types)"']
        else:
            parts.append(
                _single_quoted(f"*:shell:({' '.join(SHELLS)})") if command.name == "completion" else "'*:file:_files'"
            )
        lines.append("      _arguments " + " \\\n        ".join(parts))
        lines.append("      ;;")
    lines += ["  esac", "}", 'if [ "$funcstack[1]" = "_k8s_codec" ]; then', '  _k8s_codec "$@"', "else"]
    lines += [f"  compdef _k8s_codec {PROGRAM}", "fi", ""]
    return "\n".join(lines)


def _zsh_action(option: Option) -> str:
    if option.choices:
        return f"({' '.join(option.choices)})"
    return {"FILE": "_files", "FOLDER": "_files -/"}.get(option.metavar, "")


def _zsh_escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "[]:\\" else char for char in text)


def _fish(commands: list[Command]) -> str:
    names = " ".join(command.name for command in commands)
    lines = [f"set -l commands {names}", f"set -l types {_types()}"]
    for command in commands:
        summary = _single_quoted(command.summary)
        lines.append(
            f"complete -c {PROGRAM} -f -n 'not __fish_seen_subcommand_from {names}' -a {command.name} -d {summary}"
        )
        seen = f"complete -c {PROGRAM} -n '__fish_seen_subcommand_from {command.name}'"
        for option in command.options:
            flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
            takes = ""
            if option.choices:
                takes = f" -x -a {_single_quoted(' '.join(option.choices))}"
            elif option.metavar:
                takes = " -r" if option.metavar in ("FILE", "FOLDER") else " -x"
            lines.append(f"{seen} {flags}{takes} -d {_single_quoted(option.summary)}")
        if _reads_a_source(command):
            lines.append(f'{seen} -a "$types"')
        if command.name == "completion":
            lines.append(f"{seen} -f -a {_single_quoted(' '.join(SHELLS))}")
    return "\n".join([*lines, ""])


def _single_quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


COMMAND = Command(
    "completion",
    "a completion script for a shell",
    operands="bash|zsh|fish",
    limit=1,
    examples=(
        ("source <(k8s-codec completion bash)", "for this bash"),
        ("k8s-codec completion fish > ~/.config/fish/completions/k8s-codec.fish", "for every fish"),
    ),
    run=run,
)

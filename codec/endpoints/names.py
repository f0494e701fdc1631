"""The rules of names: DNS labels and subdomains, label keys and values, domain names.

Each function takes a text and returns what is wrong with it, in the API server's words; [] where nothing is.
Source: apimachinery pkg/util/validation/validation.go and pkg/api/validate/content. Lengths count bytes.
"""

from __future__ import annotations

from codec.endpoints.quoting import byte_length

LABEL_LENGTH = 63  # RFC 1123
SUBDOMAIN_LENGTH = 253  # RFC 1123
KEY_LENGTH = 63  # the part of a label key after the slash
VALUE_LENGTH = 63  # of a label

_LOWER = "abcdefghijklmnopqrstuvwxyz0123456789"
_ALNUM = _LOWER + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"


def _pattern_error(words: str, pattern: str, *examples: str) -> str:
    # Upstream joins its examples with a comma and "or": 'MyName',  or 'my.name', …
    joined = " or ".join(f"'{one}', " for one in examples)
    return f"{words} (e.g. {joined}regex used for validation is '{pattern}')"


_ENDS = "and must start and end with an alphanumeric character"
_LABEL_ERROR = _pattern_error(
    f"a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', {_ENDS}",
    _LABEL,
    "my-name",
    "123-abc",
)
_SUBDOMAIN_ERROR = _pattern_error(
    f"a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', {_ENDS}",
    rf"{_LABEL}(\.{_LABEL})*",
    "example.com",
)
_KEY_ERROR = _pattern_error(
    f"must consist of alphanumeric characters, '-', '_' or '.', {_ENDS}", _KEY, "MyName", "my.name", "123-abc"
)
_VALUE_ERROR = _pattern_error(
    f"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', {_ENDS}",
    f"({_KEY})?",
    "MyValue",
    "my_value",
    "12345",
)


def _consists(text: str, ends: str, inside: str) -> bool:
    """True where all characters are in `inside`, and the first and the last in `ends`."""
    return bool(text) and not text.strip(inside) and text[0] in ends and text[-1] in ends


def _is_label(text: str) -> bool:
    return _consists(text, _LOWER, _LOWER + "-")


def _is_subdomain(text: str) -> bool:
    return all(map(_is_label, text.split(".")))


def dns_label(text: str) -> list[str]:
    """RFC 1123 label: port names, hostnames, namespaces (IsDNS1123Label)."""
    errors = [f"must be no more than {LABEL_LENGTH} characters"] if byte_length(text) > LABEL_LENGTH else []
    if not _is_label(text):
        errors.append("must not contain dots" if _is_subdomain(text) else _LABEL_ERROR)
    return errors


def dns_subdomain(text: str, unit: str = "characters") -> list[str]:
    """RFC 1123 subdomain: names of objects and nodes (IsDNS1123Subdomain).

    unit: "characters" or "bytes": upstream has the function twice, with one word of difference.
    """
    errors = [f"must be no more than {SUBDOMAIN_LENGTH} {unit}"] if byte_length(text) > SUBDOMAIN_LENGTH else []
    if not _is_subdomain(text):
        errors.append(_SUBDOMAIN_ERROR)
    return errors


def object_name(text: str, prefix: bool = False) -> list[str]:
    """A subdomain; a prefix, to which more is appended, may end in a dash (NameIsDNSSubdomain)."""
    if prefix and byte_length(text) > 1 and text.endswith("-"):
        # Upstream takes two bytes off and puts one letter: the length that it sees is one less.
        cut = text.encode("utf-8", "surrogateescape")[:-2] + b"a"
        text = cut.decode("utf-8", "surrogateescape")
    return dns_subdomain(text)


def label_key(text: str) -> list[str]:
    """A name with an optional subdomain and slash before it: keys of labels and annotations, finalizers,
    appProtocol (IsLabelKey, also called qualified name)."""
    parts = text.split("/")
    if len(parts) > 2:
        shape = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return [f"a valid label key {_KEY_ERROR} {shape}"]
    errors: list[str] = []
    if len(parts) == 2:
        if not parts[0]:
            errors.append("prefix part must be non-empty")
        else:
            errors += [f"prefix part {error}" for error in dns_subdomain(parts[0], "bytes")]
    name = parts[-1]
    if not name:
        errors.append("name part must be non-empty")
    elif byte_length(name) > KEY_LENGTH:
        errors.append(f"name part must be no more than {KEY_LENGTH} bytes")
    if not _consists(name, _ALNUM, _ALNUM + "-_."):
        errors.append(f"name part {_KEY_ERROR}")
    return errors


def label_value(text: str) -> list[str]:
    """The value of a label (IsLabelValue)."""
    errors = [f"must be no more than {VALUE_LENGTH} bytes"] if byte_length(text) > VALUE_LENGTH else []
    if text and not _consists(text, _ALNUM, _ALNUM + "-_."):
        errors.append(_VALUE_ERROR)
    return errors


def domain_name(text: str) -> tuple[str, str] | None:
    """A fully qualified domain name of at least two labels; a dot at the end is allowed.

    Returns the part that is refused and what is wrong with it, or None. The empty text is the caller's to refuse.
    Source: IsFullyQualifiedDomainName.
    """
    name = text.removesuffix(".")
    errors = dns_subdomain(name)
    if errors:
        return name, ",".join(errors)
    labels = name.split(".")
    if len(labels) < 2:
        return name, "should be a domain with at least two segments separated by dots"
    for label in labels:
        errors = dns_label(label)
        if errors:
            return label, ",".join(errors)
    return None

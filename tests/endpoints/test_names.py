"""The rules of names. That their words are the API server's is shown in test_real_code.py."""

from __future__ import annotations

import pytest

from codec.endpoints import names
from codec.endpoints.quoting import byte_length, quote


@pytest.mark.parametrize("text", ["a", "a-1", "0", "a" * 63])
def test_labels(text: str) -> None:
    assert names.dns_label(text) == []


@pytest.mark.parametrize("text", ["", "A", "-a", "a-", "a_b", "é", "a\n", "a b"])
def test_no_labels(text: str) -> None:
    (error,) = names.dns_label(text)
    assert error.startswith("a lowercase RFC 1123 label must consist of")
    assert error.endswith(
        "(e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    )


def test_a_label_has_no_dots() -> None:
    assert names.dns_label("a.b") == ["must not contain dots"]
    assert names.dns_label("a" * 62 + ".b") == ["must be no more than 63 characters", "must not contain dots"]


def test_lengths_count_bytes() -> None:
    assert names.dns_label("é" * 31)[0].startswith("a lowercase")
    assert names.dns_label("é" * 32)[0] == "must be no more than 63 characters"


def test_subdomains() -> None:
    assert names.dns_subdomain("a.b-c.d1") == []
    assert names.dns_subdomain("a" * 253) == []
    assert names.dns_subdomain("a" * 254) == ["must be no more than 253 characters"]
    assert len(names.dns_subdomain("a..b")) == 1


def test_a_prefix_may_end_in_a_dash() -> None:
    assert names.object_name("web-", prefix=True) == []
    assert names.object_name("a" * 253 + "-", prefix=True) == []
    assert names.object_name("a" * 254 + "-", prefix=True) == ["must be no more than 253 characters"]
    assert names.object_name("web-") != []
    assert names.object_name("-", prefix=True) != []


def test_label_keys() -> None:
    assert names.label_key("example.com/My_Name.x") == []
    assert names.label_key("a/b/c")[0].startswith("a valid label key must consist of")
    assert names.label_key("/x") == ["prefix part must be non-empty"]
    assert names.label_key("x/")[0] == "name part must be non-empty"
    assert names.label_key("a" * 254 + "/x") == ["prefix part must be no more than 253 bytes"]
    assert names.label_key("a" * 64) == ["name part must be no more than 63 bytes"]


def test_label_values() -> None:
    assert names.label_value("") == []
    assert names.label_value("A_b.c") == []
    assert names.label_value("x" * 64) == ["must be no more than 63 bytes"]
    assert len(names.label_value("_")) == 1


def test_domain_names() -> None:
    assert names.domain_name("a.example.com.") is None
    assert names.domain_name("a") == ("a", "should be a domain with at least two segments separated by dots")
    refused = names.domain_name("a." + "b" * 64)
    assert refused == ("b" * 64, "must be no more than 63 characters")
    assert names.domain_name("a..")[0] == "a."  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("plain é 日", '"plain é 日"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("\a\b\t\n\v\f\r", '"\\a\\b\\t\\n\\v\\f\\r"'),
        ("\x00\x7f", '"\\x00\\x7f"'),
        ("\u2028\u00ad\ufeff", '"\\u2028\\u00ad\\ufeff"'),
        ("\U000e0001\U0001f600", '"\\U000e0001\U0001f600"'),
        ("\udcff", '"\\xff"'),
    ],
)
def test_quote(text: str, quoted: str) -> None:
    assert quote(text) == quoted


def test_byte_length() -> None:
    assert [byte_length(text) for text in ("", "ab", "é", "\udcff", "\U0001f600")] == [0, 2, 2, 1, 4]

"""Go's regular expressions and replacement templates."""

import pytest

from octobot.specs.read.patterns import BadPattern, Pattern, compile_pattern, fits


def _replace(pattern: str, template: str, text: str) -> str:
    compiled = compile_pattern(pattern)
    assert isinstance(compiled, Pattern)
    return compiled.replace_all(text, template)


@pytest.mark.parametrize(
    ("pattern", "template", "text", "result"),
    [
        (r"^(\d+)\.(\d+).*", "$1_beta$2", "55.3", "3"),  # the group named `1_beta` is empty
        (r"^(\d+)\.(\d+).*", "${1}_beta$2", "55.3", "55_beta3"),
        (r"(\d+)\.(\d+)", "$2.$1", "1.2", "2.1"),
        (r"(?P<major>\d+)\.\d+", "v$major", "17.4", "v17"),
        (r"(?P<major>\d+)\.\d+", "${major}x", "17.4", "17x"),
        (r"(\d)", "$$1", "7", "$1"),
        (r"(\d)", "$", "7", "$"),
        (r"(\d)", "${1", "7", "${1"),
        (r"(\d)", "${}", "7", "${}"),
        (r"(\d)", "$9-", "7", "-"),
        (r"(\d)", "$01", "7", ""),  # a leading zero makes it a name
        (r"\.", "_", "1.2.3", "1_2_3"),
        (r"^a", "b", "aaa", "baa"),
        (r"a*", "-", "baac", "-b-c-"),
        (r"", "x", "ab", "xaxbx"),
        (r"(a)|b", "<$1>", "ab", "<a><>"),
        (r"é+", "e", "caféé1", "cafe1"),
    ],
)
def test_replacing_follows_go(pattern: str, template: str, text: str, result: str) -> None:
    """Names are as long as they can be, unknown groups are empty, empty matches count once."""
    assert _replace(pattern, template, text) == result


@pytest.mark.parametrize("pattern", [r"(?=x)", r"(a)\1", "(", "a" * 1025, "\ud800", r"\p{Nope}"])
def test_what_re2_has_not_is_a_clear_answer(pattern: str) -> None:
    """Look-around, back-references, broken, overlong and unencodable patterns say so."""
    bad = compile_pattern(pattern)
    assert isinstance(bad, BadPattern)
    assert bad.because


def test_a_catastrophic_pattern_is_harmless() -> None:
    """A back-tracking engine takes 21 s for this; RE2 answers."""
    pattern = compile_pattern(r"^(\d+\.?)+$")
    assert isinstance(pattern, Pattern)
    assert not pattern.found_in("1" * 250 + "x")


def test_patterns_are_unanchored() -> None:
    """`rc` anywhere in the text is a match, as in Go."""
    pattern = compile_pattern("rc")
    assert isinstance(pattern, Pattern)
    assert pattern.found_in("1.0rc1")


def test_long_inputs_do_not_fit() -> None:
    """256 bytes, not characters, are the limit."""
    assert fits("é" * 128)
    assert not fits("é" * 129)

"""Versions: the gate before a shell, and apk's order."""

import pytest

from octobot.model.version import compare, disagreement, is_greater, order_key, parse

# Newest last; each pair of neighbours is in apk-tools' order (src/version.c and its test data).
ASCENDING = [
    "0.9_git20240101",
    "1_alpha",
    "1_alpha1",
    "1_beta",
    "1_pre2",
    "1_rc1",
    "1_rc1_p1",
    "1",
    "1-r0",
    "1-r1",
    "1-r10",
    "1_cvs",
    "1_svn",
    "1_git20240101",
    "1_git20260822",
    "1_hg",
    "1_p",
    "1_p1",
    "1a",
    "1b",
    "1.0",
    "1.05",
    "1.1",
    "1.5",
    "1.9",
    "1.10",
    "1.10.1",
    "2",
    "10",
    "2024.06.01",
    "2024.10",
    "20240101",
]


def test_the_order_is_that_of_apk() -> None:
    """Every version is older than all that follow it."""
    mixed = ASCENDING[1::2] + ASCENDING[::2]
    assert sorted(mixed, key=order_key) == ASCENDING
    assert all(
        compare(a, b) < 0 and compare(b, a) > 0 and compare(a, a) == 0
        for i, a in enumerate(ASCENDING)
        for b in ASCENDING[i + 1 :]
    )


@pytest.mark.parametrize(
    "text",
    [
        "1.0$(id)",
        "1${{package.name}}",
        "1.0\n",
        "\n1.0",
        "1․0",  # noqa: RUF001  (a homoglyph of the dot is the point)
        "１.0",  # noqa: RUF001  (a full-width digit)
        "-x",
        "v1.0",
        "1.0-dev",
        "1..0",
        "1.0_foo1",
        "1.0_p1_p2",
        "1.0ab",
        "",
        "1" * 200,
        "1.0\u202e",
        "1.0 ",
        "\ud800",
    ],
)
def test_what_is_not_a_version_is_refused(text: str) -> None:
    """Shell text, look-alikes, newlines and other dialects are no versions."""
    assert parse(text) is None


@pytest.mark.parametrize("text", ["1", "0_git20260822", "2.1.0.19", "1.9.5b_rc1_p3", "7.1.0_pre1"])
def test_versions_of_the_distro_are_accepted(text: str) -> None:
    """The grammar takes what specs hold."""
    assert parse(text) == text


def test_an_epoch_is_not_part_of_a_version() -> None:
    """`1.0-r3` as a tag must not become the version of a package."""
    assert parse("1.0-r3") is None
    assert compare("1.0-r3", "1.0-r2") > 0


def test_ordering_what_is_no_version_is_an_error() -> None:
    """A sort key of foreign text would be a guess."""
    with pytest.raises(ValueError, match="not an apk version"):
        order_key("latest")


@pytest.mark.parametrize(
    ("greater", "lower"),
    [
        ("2.03.43", "2.03.42"),
        ("2024.10", "2024.09"),
        ("1.0.1", "1.0"),
        ("1.0", "1.0_rc1"),
        ("1.0_p1", "1.0"),
        ("1.0b", "1.0a"),
        ("1.0-r1", "1.0-r0"),
        ("1.0_alpha2", "1.0_alpha1"),
    ],
)
def test_a_bump_is_greater_by_both_orders(greater: str, lower: str) -> None:
    """What apk-tools and apko agree on is greater one way and not the other."""
    assert is_greater(greater, lower)
    assert not is_greater(lower, greater)
    assert not is_greater(lower, lower)
    assert not disagreement(greater, lower)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.5.3", "0.027"),
        ("0.1", "0.09"),
        ("1.4", "1.05"),
        ("1.0_alpha0", "1.0_alpha"),
        (f"1.{2**63}", "1.0"),
    ],
)
def test_where_the_orders_disagree_neither_is_greater(one: str, other: str) -> None:
    """A leading zero is a fraction to apk-tools and nothing to apko; both are named."""
    assert not is_greater(one, other)
    assert not is_greater(other, one)
    said = disagreement(one, other)
    assert "greater than" in said
    assert "apk-tools" in said
    assert "apko" in said


def test_what_is_no_version_has_no_order() -> None:
    """Neither order guesses."""
    with pytest.raises(ValueError, match="not an apk version"):
        is_greater("1.0", "1.0$(id)")

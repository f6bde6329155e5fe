"""Which version stream a package's name means."""

import time

import pytest

from octobot.model.stream import is_inside, stream_of


@pytest.mark.parametrize(
    ("name", "version", "stream"),
    [
        ("hello-2.0", "2.0.1", "2.0"),
        ("haproxy-3.1", "3.1.7", "3.1"),
        ("nodejs-24", "24.19.0", "24"),
        ("openjdk-8", "8.504", "8"),
        ("cython-0", "0.29.37.1", "0"),
        ("glibc-2.43", "2.43", "2.43"),
        ("ruby3.4-rack-2.2", "2.2.23", "2.2"),
        ("abseil-cpp-20260107", "20260107.1", "20260107"),
        ("lua5.4", "5.4.8", "5.4"),
        ("hello_2", "2_git20260822", "2"),
        ("foo-00", "0.1", "00"),
        ("foo-1.02", "1.2.3", "1.02"),
        # the number is another thing's
        ("php-8.3-redis", "6.2.0", ""),
        ("py3.12-attrs", "25.1.0", ""),
        ("pgvector-18", "0.8.6", ""),
        ("pypy-3.10", "7.3.20", ""),
        ("gtk-2.0", "2.24.33", ""),
        ("dotnet-sdk-10.0.1", "10.0.111", ""),
        ("rancher-charts-2.12", "0_git20260812", ""),
        # part of a word
        ("libxml2", "2.15.3", ""),
        ("py3-lz4", "4.4.5", ""),
        # the wrong version, or none
        ("hello-2.0", "2.1.0", ""),
        ("hello-2.0", "2", ""),
        ("hello-2", "20.1", ""),
        ("hello-2.0", "", ""),
        ("hello-2.0", "rolling", ""),
        # odd names
        ("foo-1.2.", "1.2.3", ""),
        ("foo-", "1.2.3", ""),
        ("foo-1..2", "2.0", ""),
        ("2.0", "2.0.1", ""),
        ("foo-２", "2.0.1", ""),  # noqa: RUF001  (a full-width digit)
        ("foo-٢", "2.0.1", ""),
        ("", "", ""),
    ],
)
def test_the_present_version_tells_whose_the_number_is(
    name: str, version: str, stream: str
) -> None:
    """Only a version inside the numbers at the name's end makes them a stream."""
    assert stream_of(name, version) == stream


@pytest.mark.parametrize(
    ("stream", "version", "inside"),
    [
        ("2", "2.1", True),
        ("2", "20", False),
        ("2", "20.1", False),
        ("2.0", "2.0", True),
        ("2.0", "2.0.9_rc1", True),
        ("2.0", "2.01", False),
        ("2.0", "2.1.0", False),
        ("2.0", "2", False),
        ("2.0", "x2.0", False),
        ("2.0", "２.0", False),  # noqa: RUF001  (a full-width digit)
        ("3.1", "3.10", False),
    ],
)
def test_numbers_are_compared_one_by_one(stream: str, version: str, *, inside: bool) -> None:
    """A longer number is another number, and a missing one is not zero."""
    assert is_inside(stream, version) is inside


def test_a_monstrous_name_costs_nothing() -> None:
    """Neither digits nor dots without end are a matter of time or of Python's limits."""
    began = time.process_time()
    for name in ("a-" + "9" * 100_000, "a-" + "1." * 50_000, "a" + "1.1" * 30_000, "-1" * 50_000):
        stream_of(name, "1.0")
        stream_of(f"{name}.x", "1.0")
    assert time.process_time() - began < 5

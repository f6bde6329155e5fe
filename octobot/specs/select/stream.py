"""The version stream of a package: `postgresql-18` has the versions 18, 18.1, 18.2 and no others.

Distros keep several streams of one upstream side by side, each as a package of its own, and write
the stream into the package's name.
"""

import re
from collections.abc import Iterator

_NUMBERS_AT_THE_END = re.compile(r"[0-9]+(?:\.[0-9]+)*$")
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_LONGEST_NUMBER = 3
"""Digits of a number that could well get one more; a year or a day does not."""


def stream_of(name: str, version: str) -> str:
    """Return the stream that a package's name has: the numbers at its end, `2.0` of `driver-2.0`.

    Empty when there are none, or when they are not how the version begins, number by number: then
    they mean something else (`x264` at 0.165, `dotnet-sdk-10.0.1` at 10.0.111).
    """
    at_the_end = _NUMBERS_AT_THE_END.search(name)
    if at_the_end is None or not at_the_end.start():
        return ""
    stream = at_the_end.group()
    return stream if in_stream(version, stream) else ""


def in_stream(version: str, stream: str) -> bool:
    """Return whether a version begins with the numbers of a stream: 2.0.1 with 2.0, 2.01 not."""
    found = _NUMBERS.match(version)
    wanted = stream.split(".")
    return found is not None and found.group().split(".")[: len(wanted)] == wanted


def other_streams(version: str, stream: str) -> Iterator[str]:
    """Yield the same version in the streams that follow: of 2.0.1 in 2.0, 2.1.1 and 3.0.1."""
    numbers = stream.split(".")
    rest = version.removeprefix(stream)
    for index in reversed(range(len(numbers))):
        raised = [*numbers[:index], str(int(numbers[index]) + 1), *numbers[index + 1 :]]
        yield ".".join(raised) + rest


def with_longer_number(version: str, stream: str) -> str:
    """Return the version with one more digit in the stream's last number: of 2.1 in 2, 20.1."""
    last = stream.rpartition(".")[2]
    if last == "0" or len(last) > _LONGEST_NUMBER:
        return ""
    return f"{stream}0{version.removeprefix(stream)}"

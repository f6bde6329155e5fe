"""What a failed check says, cut to what a person needs to read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the log that matters."""

    number: int
    """In the log as GitHub serves it, counted from 1."""
    text: str
    """Without timestamps and terminal escapes; secrets redacted; still foreign text."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why one check failed, as far as its log tells."""

    check: str
    url: str
    step: str
    """The failing step's name; empty when the log names none."""
    cause: str
    """The decisive line; empty when nothing stands out."""
    lines: tuple[LogLine, ...]

"""A job's log in the form in which GitHub Actions serves it, with melange's lines inside."""

from collections.abc import Callable
from datetime import datetime


class Log:
    """Lines with their times; remembers whether anything failed."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lines: list[str] = []
        self.failures: list[str] = []
        """The sentence of each failure, for the check run's summary."""

    def say(self, text: str) -> None:
        """Write plain lines."""
        stamp = self._clock().strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
        self._lines += [f"{stamp} {line}" for line in text.splitlines() or [""]]

    def melange(self, text: str, *, level: str = "INFO") -> None:
        """Write lines as melange itself logs them."""
        stamp = self._clock().strftime("%Y/%m/%d %H:%M:%S")
        self.say("\n".join(f"{stamp} {level} {line}" for line in text.splitlines()))

    def begin(self, title: str) -> None:
        """Open a step; GitHub folds its lines under the title."""
        self.say(f"##[group]{title}")
        self.say("##[endgroup]")

    def fail(self, because: str) -> None:
        """Record a failure where it happened; the job goes on, as its other findings help too."""
        self.melange(because, level="ERROR")
        self.failures.append(because)

    def end(self) -> None:
        """Close the job as the runner does."""
        if self.failures:
            self.say("##[error]Process completed with exit code 1.")
        self.say("Cleaning up orphan processes")

    @property
    def text(self) -> str:
        """The whole log."""
        return "\n".join(self._lines) + "\n"

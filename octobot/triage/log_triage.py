"""The failing step and the lines that matter of a failed check's log, with no model asked.

The order is fixed: strip what hides text, redact, then read.  Nothing else sees the raw log.
"""

from collections.abc import Callable, Collection

from octobot.model.pull_request import FailedCheck
from octobot.model.triage import Diagnosis, LogLine
from octobot.triage.cutting import cut
from octobot.triage.lines import Line, split, unescape
from octobot.triage.redaction import redact

_WIDTH = 300
"""Characters shown of one line."""


class LogTriage:
    """Reads logs by rules; needs no account and no network."""

    def __init__(self, live: Callable[[], Collection[str]] = tuple) -> None:
        self._live = live
        """Gives our own secrets of this moment, so that they are masked by value."""

    def diagnose(self, failed: FailedCheck) -> Diagnosis:
        """Cut the log to its failing step and the lines that matter."""
        live = self._live()
        stripped, gone = unescape(failed.log)
        excerpt = cut(split(redact(stripped, live), gone + 1))
        return Diagnosis(
            check=redact(failed.check.name, live),
            url=failed.check.url,
            step=_shortened(excerpt.step),
            cause=_shortened(excerpt.cause.text.strip()) if excerpt.cause else "",
            lines=tuple(_shown(line) for line in excerpt.lines),
        )


def _shown(line: Line) -> LogLine:
    return LogLine(line.number, _shortened(line.text.rstrip()))


def _shortened(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"

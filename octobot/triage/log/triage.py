"""From a failed check's log to its cause and the lines that matter, without a model.

The order is fixed: strip what hides text, redact, then read.  Nothing else sees the raw log.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from octobot.model.pull_request import FailedCheck
from octobot.model.triage import UNKNOWN_CAUSE, Cause, CauseClass, Diagnosis, LogLine
from octobot.triage.knowledge.rule import Known
from octobot.triage.log.budget import shortened
from octobot.triage.log.classify import decisive_part, name
from octobot.triage.log.excerpt import Excerpt, cut
from octobot.triage.log.lines import Line, split, unescape
from octobot.triage.log.redaction import redact
from octobot.triage.log.scoring import weigh
from octobot.triage.log.templates import Baseline, fingerprint, mask


class LogTriage:
    """Reads logs by rules; needs no account and no network."""

    def __init__(self, live: Callable[[], Collection[str]] = tuple) -> None:
        self._live = live
        """Returns octobot's current secrets, so that they are masked by value."""

    def diagnose(self, failed: FailedCheck, known: Known = None) -> Diagnosis:
        """Cut the log to its failing step and the lines that matter, and name the cause.

        `known` are the distro's packages: only those are proposed.  Takes about 30 microseconds a
        line, so call it in a thread.
        """
        live = self._live()
        lines = _lines(failed.log, live)
        usual = (line.text for line in _lines(failed.baseline, live))
        baseline = Baseline(usual, weighs=lambda text: weigh(text) > 0)
        excerpt = cut(lines, baseline)
        kept = tuple(_shown(lines[index]) for index in excerpt.kept)
        why = UNKNOWN_CAUSE if excerpt.best is None else _name(lines, excerpt.best, known)
        return Diagnosis(
            check=redact(failed.check.name, live),
            url=failed.check.url,
            step=shortened(excerpt.step),
            cause=why.line.text.strip() if why.line else "",
            lines=_with_decisive(kept, why),
            why=why,
            fingerprint=_fingerprint(lines, excerpt, why),
            templates=tuple(dict.fromkeys(filter(None, (mask(line.text) for line in kept)))),
        )


def _lines(log: str, live: Collection[str]) -> tuple[Line, ...]:
    if not log:
        return ()
    stripped, gone = unescape(log)
    lines = split(stripped, gone + 1)
    # Without their timestamps, so that a secret that is broken over lines is whole again.
    texts = redact("\n".join(line.text for line in lines), live).split("\n")
    return tuple(replace(line, text=text) for line, text in zip(lines, texts, strict=True))


def _name(lines: Sequence[Line], best: int, known: Known) -> Cause:
    text = lines[best].text.rstrip()
    shown = LogLine(lines[best].number, shortened(text, at=decisive_part(text)))
    return name(lines, best, shown, known)


def _with_decisive(kept: Sequence[LogLine], why: Cause) -> tuple[LogLine, ...]:
    """Show the decisive line as in the cause: cut so that its decisive part is visible."""
    return tuple(why.line if why.line and line.number == why.line.number else line for line in kept)


def _fingerprint(lines: Sequence[Line], excerpt: Excerpt, why: Cause) -> str:
    if excerpt.best is None:
        return ""
    named = why.kind is not CauseClass.UNKNOWN
    others = () if named and why.fixes else excerpt.significant
    return fingerprint(why.kind.value, excerpt.step, lines[excerpt.best].text, others)


def _shown(line: Line) -> LogLine:
    return LogLine(line.number, shortened(line.text.rstrip()))

"""Text on a terminal or in a log line: nothing untrusted moves a cursor or hides a word.

Callers that draw with rich pass the result as `Text`, not as its markup.
"""

import re
from datetime import UTC

from octobot.messages.cleaning import cut, one_line
from octobot.model.orders import Act

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]")


def inert(text: str, *, limit: int = 500) -> str:
    """Write untrusted text as one line of visible characters, at most `limit` of them."""
    return cut(one_line(_ESCAPES.sub("", text[: limit * 20 + 1000])), limit)


def line(act: Act, where: str) -> str:
    """Write a line of the audit log: when, where, who, as what, what, its outcome; not inert."""
    about = f" [{act.package}]" if act.package else ""
    head = f" at {act.head[:12]}" if act.head else ""
    return (
        f"{act.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} {where}#{act.thread} {act.person.login}"
        f" ({act.level}): /octobot {act.command} {act.words}".rstrip()
        + f"{about}{head}: {act.outcome}"
    )

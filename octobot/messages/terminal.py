"""Foreign text on a terminal or in a log line: nothing that moves a cursor or hides a word.

Callers that draw with rich pass the result as `Text`, not as its markup.
"""

import re

from octobot.messages.cleaning import cut, one_line

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]")


def inert(text: str, *, limit: int = 500) -> str:
    """Write foreign text as one line of visible characters, at most `limit` of them."""
    return cut(one_line(_ESCAPES.sub("", text[: limit * 20 + 1000])), limit)

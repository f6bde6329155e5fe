"""The `if:` of a step, decided before the build.

melange's grammar (pkg/cond): texts in quotes or templates, compared with `==` and `!=`, joined by
`&&` and `||` (which bind alike, from the left), with parentheses.  Templates are replaced within
single tokens, so that a value can never become an operator.
"""

import re
from collections.abc import Callable

from octobot.specs.read.substitution import Unknown

_TOKEN = re.compile(
    r"""\s*(?:("[^"]*"|'[^']*')|(\$\{\{[^}]*\}\}|[A-Za-z0-9_.-]+)|(==|!=|&&|\|\||\(|\)))"""
)
DEEPEST = 32
"""Parentheses within each other."""

Evaluate = Callable[[str], "str | Unknown"]


def may_hold(condition: str, evaluate: Evaluate) -> bool:
    """Return whether a step may run: True as well when that is not known before the build."""
    tokens = _tokens(condition)
    if tokens is None:
        return True
    result = _Reader(tokens, evaluate).read()
    return result is not False


def _tokens(condition: str) -> list[str] | None:
    found: list[str] = []
    position, condition = 0, condition.strip()
    while position < len(condition):
        match = _TOKEN.match(condition, position)
        if match is None:
            return None
        found.append(match[0].strip())
        position = match.end()
    return found


class _Reader:
    """Reads one condition; None means that it is not known."""

    def __init__(self, tokens: list[str], evaluate: Evaluate) -> None:
        self._tokens = tokens[::-1]
        self._evaluate = evaluate

    def read(self) -> bool | None:
        result = self._joined(0)
        return None if self._tokens else result

    def _joined(self, depth: int) -> bool | None:
        left = self._single(depth)
        while self._tokens and self._tokens[-1] in ("&&", "||"):
            both = self._tokens.pop() == "&&"
            right = self._single(depth)
            decided = not both
            if decided in (left, right):
                left = decided
            elif left is None or right is None:
                left = None
            else:
                left = both
        return left

    def _single(self, depth: int) -> bool | None:
        if not self._tokens or depth > DEEPEST:
            return None
        if self._tokens[-1] == "(":
            self._tokens.pop()
            inner = self._joined(depth + 1)
            closed = bool(self._tokens) and self._tokens.pop() == ")"
            return inner if closed else None
        left = self._text()
        if not self._tokens or self._tokens[-1] not in ("==", "!="):
            return None
        equal = self._tokens.pop() == "=="
        right = self._text()
        if left is None or right is None:
            return None
        return (left == right) is equal

    def _text(self) -> str | None:
        token = self._tokens.pop() if self._tokens else ""
        if not token or token in ("==", "!=", "&&", "||", "(", ")"):
            return None
        bare = token[1:-1] if token[0] in "\"'" else token
        value = self._evaluate(bare)
        return None if isinstance(value, Unknown) else value

"""What may be shown of a log: how wide a line, how many tokens in all.

Each provider counts tokens differently.  Logs are full of paths, digests and numbers, where a
token is about three bytes; prose has four.  So a token is estimated as three bytes, rounded up:
no common counter found more in the build logs of `fixtures/`.
"""

WIDTH = 300
"""Characters shown of one line."""

TOKENS = 2000
"""Shown of one log at most, line numbers included."""

_BYTES_A_TOKEN = 3
_BEFORE = 100
"""Characters shown before the decisive part of a line that is too long."""


def tokens(text: str) -> int:
    """Estimate the tokens of a text from above."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // _BYTES_A_TOKEN)


def shown(number: int, text: str) -> str:
    """Return a line with its number, as comments and prompts show it."""
    return f"{number}  {text}\n"


def shortened(text: str, *, at: int = 0) -> str:
    """Cut a line to `WIDTH` characters, so that what begins at `at` is among them."""
    if len(text) <= WIDTH:
        return text
    if at < WIDTH - _BEFORE:
        return text[: WIDTH - 1] + "…"
    start = min(at - _BEFORE, len(text) - WIDTH + 2)
    part = text[start : start + WIDTH - 2]
    return f"…{part}…" if start + WIDTH - 2 < len(text) else f"…{part}"

"""Remove secrets from a log before anything else reads it.

What GitHub masks is what its runner knew; a build can print more.  Known shapes (GitHub and cloud
tokens, PEM blocks, authorization headers, passwords in addresses and assignments) are replaced,
also in base64, in hex, percent-encoded or broken over lines, and so are the values of octobot's own
live tokens in every usual encoding.  A replacement keeps the line ends in it, so that line numbers
stay correct.

Every pattern is linear: no repetition inside a repetition over the same characters.
"""

import re
from collections.abc import Collection

from octobot.triage.log.encoded_secrets import encoded_secrets_in, live_pattern

MASK = "[redacted]"

_SHAPES = (
    # PEM: from its head to its foot, or to the end of the log when the foot is cut off.
    re.compile(
        r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----"
        r".*?(?:-----END [A-Z0-9 ]{0,60}-----|\Z)",
        re.DOTALL,
    ),
    re.compile(
        r"\b(?:gh[pousr]_[A-Za-z0-9_.-]{16,}|github_pat_[A-Za-z0-9_]{16,}|v1\.[0-9a-f]{40})"
    ),
    # The same, wrapped by a terminal or a mail: exactly as many letters as a token has.
    re.compile(r"\bgh[pousr]_(?:\s{0,3}[A-Za-z0-9]){36}(?![A-Za-z0-9])"),
    re.compile(
        r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"
    ),  # a JWT
    re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b"),
    re.compile(r"\bAIza[A-Za-z0-9_-]{35}"),
    re.compile(r"\b(?:sk|pk|rk)[-_](?:ant-|proj-|live_|test_)?[A-Za-z0-9_-]{20,}"),
    re.compile(r"\b(?:glpat-|xox[abeoprs]-|npm_|pypi-|dckr_pat_|hf_)[A-Za-z0-9_-]{10,}"),
)
"""Replaced whole."""

_AFTER = (
    re.compile(
        r"(?i)(\bauthorization[\"']?[ \t]{0,4}[:=][ \t\"']{0,4}(?:[a-z]{2,12}[ \t]+)?)[^\s\"',]+"
    ),
    re.compile(r"(?i)(\b(?:bearer|basic)[ \t]+)[A-Za-z0-9+/=_.~-]{12,}"),
    re.compile(r"(\b[A-Za-z][A-Za-z0-9+.-]{1,20}://)[^\s/@:]{0,200}:[^\s/@]{1,1000}(?=@)"),
    re.compile(r"(\bhttps?://)[^\s/@:]{8,1000}(?=@)"),
    re.compile(
        r"(?i)((?:token|secret|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)"
        r"[A-Z0-9_]{0,30}[\"']?[ \t]{0,4}=[ \t]{0,4}[\"']?)[^\s\"'&,;]{4,}"
    ),
    # A colon follows these words in plain English too: `unexpected token: identifier`.
    re.compile(
        r"(?i)((?:token|secret|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)"
        r"[A-Z0-9_]{0,30}[\"']?[ \t]{0,4}:[ \t]{0,4}[\"']?)(?=[^\s0-9]{0,60}[0-9])[^\s\"'&,;]{8,}"
    ),
    re.compile(
        r"(?i)((?:passw(?:or)?d|passphrase)[A-Z0-9_]{0,30}[\"']?[ \t]{0,4}[=:][ \t]{0,4}[\"']?)"
        r"[^\s\"'&,;]{4,}"
    ),
    re.compile(r"(?i)(\bx-(?:amz|goog)-(?:signature|credential|security-token)=)[^\s&\"']+"),
    re.compile(r"(?i)([?&](?:sig|signature|token|key|code)=)[^\s&\"']{8,}"),
)
"""The first group stays, what follows it is replaced."""

_SHORTEST = 8
"""A shorter live value would blank out ordinary words."""


def redact(text: str, live: Collection[str] = ()) -> str:
    """Replace everything that looks like a secret, and the live values in every encoding."""
    for value in sorted({value for value in live if len(value) >= _SHORTEST}, key=len)[::-1]:
        text = live_pattern(value).sub(_mask, text)
    text = _by_shape(text)
    for start, end in reversed(encoded_secrets_in(text, _is_secret)):
        text = text[:start] + MASK + "\n" * text.count("\n", start, end) + text[end:]
    return text


def _by_shape(text: str) -> str:
    for shape in _SHAPES:
        text = shape.sub(_mask, text)
    for shape in _AFTER:
        text = shape.sub(lambda found: found[1] + MASK, text)
    return text


def _is_secret(plain: str) -> bool:
    """Return whether a decoded text contains a secret."""
    return _by_shape(plain) != plain


def _mask(found: re.Match[str]) -> str:
    return MASK + "\n" * found[0].count("\n")

"""Find encoded secrets: base64, hex, percent-encoding, spread over spaces and lines.

An encoded secret is recognised by the encoded form of how secrets begin; the word around it is
decoded, and it counts only when the decoded text really contains a secret.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote_to_bytes

_BEGINNINGS = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "x-access-token:", "-----BEGIN"),
    *("AKIA", "ASIA", "AIza", "glpat-", "npm_", "pypi-", "xoxb-", "sk-ant-", "sk-proj-"),
    *("eyJhbGci", "Bearer ", "password=", "token="),
)
"""What secrets of known shape begin with; at least four characters, so that chance finds few."""

_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_WORD = re.compile(r"[A-Za-z0-9+/=_-]+(?:(?<=[A-Za-z0-9+/=_-]{60})\n[A-Za-z0-9+/=_-]+)*")
"""A word of base64, over line ends when its lines are as long as tools wrap them."""
_LONGEST = 64_000
"""Characters of one word that are decoded; a longer word is never legitimate, and removed."""


def _core(value: bytes, offset: int) -> str:
    """Return the base64 characters that depend on `value` alone, at one of 3 alignments."""
    encoded = base64.b64encode(b"\0" * offset + value).decode().rstrip("=")
    end = len(encoded) if (offset + len(value)) % 3 == 0 else -1
    return encoded[0 if offset == 0 else offset + 1 : end]


_NEEDLES = re.compile(
    "|".join(
        sorted(
            {re.escape(_core(word.encode(), offset)) for word in _BEGINNINGS for offset in range(3)}
            | {word.encode().hex() for word in _BEGINNINGS}
            | {word.encode().hex().upper() for word in _BEGINNINGS}
        )
    )
)


def live_pattern(value: str) -> re.Pattern[str]:
    """Match a value plain, spread over lines or spaces, percent-encoded, in hex and in base64."""
    spread = r"\s*".join(map(re.escape, value))
    raw = value.encode()
    others = {quote(value, safe=""), raw.hex(), raw.hex().upper(), value.replace("\n", "\\n")}
    others |= {"".join(f"%{byte:02X}" for byte in raw), "".join(f"%{byte:02x}" for byte in raw)}
    cores = {_core(raw, offset) for offset in range(3)}
    cores |= {core.replace("+", "-").replace("/", "_") for core in cores}
    wrapped = (r"\n?".join(map(re.escape, core)) for core in sorted(cores))
    plain = map(re.escape, sorted(others, key=len, reverse=True))
    return re.compile("|".join([spread, *wrapped, *plain]))


def encoded_secrets_in(text: str, is_secret: Callable[[str], bool]) -> list[tuple[int, int]]:
    """Return the places of words that contain a secret when decoded; in order, none overlaps."""
    found: list[tuple[int, int]] = []
    end = 0
    for needle in sorted([*_NEEDLES.finditer(text), *_PERCENT.finditer(text)], key=_start):
        if needle.start() < end:
            continue
        start, end = _around(text, needle, end)
        word = text[start:end]
        if len(word) > _LONGEST or any(map(is_secret, _meanings(word))):
            found.append((start, end))
    return found


def _start(found: re.Match[str]) -> int:
    return found.start()


def _around(text: str, needle: re.Match[str], after: int) -> tuple[int, int]:
    """Return the word around a match: up to white space, or over lines of base64."""
    start = needle.start()
    percent = needle[0].startswith("%")
    least = max(after, start - _LONGEST)
    while start > least and not text[start - 1].isspace() and text[start - 1] not in "\"'`<>":
        if not percent and not (text[start - 1].isalnum() or text[start - 1] in "+/_-"):
            break
        start -= 1
    if percent:
        ends = re.compile(r"[\s\"'`<>]").search(text, needle.end())
        return start, ends.start() if ends else len(text)
    word = _WORD.match(text, needle.start())
    return start, word.end() if word else needle.end()


def _meanings(word: str) -> Iterator[str]:
    """Return the decoded texts, and each again from where a secret may begin within a word."""
    for plain in _decoded(word):
        yield plain
        yield from (plain[at:] for each in _BEGINNINGS if (at := plain.find(each)) > 0)


def _decoded(word: str) -> list[str]:
    """Return the decoded word: percent-decoded, or from hex, or from base64 at each alignment."""
    if "%" in word:
        return [unquote_to_bytes(word).decode("utf-8", "replace")]
    plain = word.replace("\n", "").rstrip("=").replace("-", "+").replace("_", "/")
    candidates = [_from_base64(plain[offset:]) for offset in range(4)]
    return [*candidates, *_from_hex(plain)]


def _from_base64(word: str) -> str:
    whole = word[: len(word) // 4 * 4] if len(word) % 4 == 1 else word
    try:
        raw = base64.b64decode(whole + "=" * (-len(whole) % 4))
    except (binascii.Error, ValueError):
        return ""
    return raw.decode("utf-8", "replace")


def _from_hex(word: str) -> list[str]:
    digits = "".join(re.findall(r"[0-9A-Fa-f]+", word))
    return [
        bytes.fromhex(digits[offset : offset + (len(digits) - offset) // 2 * 2]).decode(
            "utf-8", "replace"
        )
        for offset in (0, 1)
    ]

"""What must never be shown in a log: known secrets, and whatever looks like one.

Only the standard library is imported: an error is printed even when a package is missing.
"""

import re
from collections.abc import Iterable

TOKENS = re.compile(
    r"gh[pousr]_[A-Za-z0-9_]{8,}|github_pat_[A-Za-z0-9_]{8,}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----"
    r"|(?<=://)[^/@\s:]+:[^/@\s]+(?=@)"
)
"""GitHub's tokens, JWTs, private keys and passwords in addresses."""


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return `text` without the known secrets and without whatever looks like one."""
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    return TOKENS.sub("[secret]", text)

"""What a delivery tells of, as one digest: the same for every copy, under any GUID.

The GUID travels unsigned, so whoever kept one signed body can send it again under as many GUIDs as
he likes; and two hooks tell of one change under two GUIDs, in bodies that differ only in who was
told.  Both are known by their content: every state of an object has its own times and numbers.
"""

import hashlib
import json
from collections.abc import Mapping

_ADDRESSEE = frozenset({"installation", "organization", "enterprise", "hook", "hook_id", "sender"})
"""Keys that speak of the hook, or of who is told, and not of the object."""

_OF_THE_ACCOUNT = frozenset({"installation", "installation_repositories", "repository"})
"""Events whose object is the installation itself."""


def object_of(name: str, payload: Mapping[str, object]) -> str:
    """Give the SHA-256 of what `payload` tells of, in hexadecimal; `name` is the event's.

    Keys in another order, or another spelling of the same JSON, are the same object.
    """
    told = payload if name in _OF_THE_ACCOUNT else _without_addressee(payload)
    text = json.dumps([name, told], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _without_addressee(payload: Mapping[str, object]) -> Mapping[str, object]:
    return {key: value for key, value in payload.items() if key not in _ADDRESSEE}

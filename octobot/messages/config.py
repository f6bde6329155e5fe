"""The issue about a repository's file that cannot be read, and what is said when it can again."""

from collections.abc import Sequence
from typing import Literal

from octobot.messages.outlet import code, inert, joined
from octobot.model.config import Fault

Meanwhile = Literal["last", "nothing", "paused"]
"""What holds while the file is broken: what it said last, nothing at all, or a pause."""

_MOST = 50

_MEANWHILE = {
    "last": (
        "Until the file can be read, octobot goes by what it said when it could be read last, for"
        " proposing and for merging. What was added since does not hold."
    ),
    "nothing": (
        "octobot has not seen this file in a state that it could read, so it proposes and merges"
        " nothing here until it can."
    ),
    "paused": (
        "The file speaks of pausing, so octobot proposes and merges nothing here until it can be"
        " read."
    ),
}


def title(path: str) -> str:
    """Write the issue's title."""
    return f"octobot cannot read {path}"


def body(path: str, faults: Sequence[Fault], meanwhile: Meanwhile) -> str:
    """Say what is wrong where, what would mend it, and what octobot does meanwhile."""
    shown = "\n".join(
        f"- {code(place(path, fault))}: {inert(fault.says)}" for fault in faults[:_MOST]
    )
    more = f"\n- … and {len(faults) - _MOST} more" if len(faults) > _MOST else ""
    return joined(
        f"{code(path)} on the default branch cannot be read:",
        shown + more,
        _MEANWHILE[meanwhile],
        "`octobot config check FILE` tells the same before a push. octobot closes this issue when"
        " the file can be read.",
    )


def mended(path: str) -> str:
    """Say that it can be read again."""
    return joined(f"{code(path)} can be read again, or is gone: octobot goes by it as it is now.")


def place(path: str, fault: Fault) -> str:
    """Write a place as editors and compilers do: `path:line:column`."""
    return f"{path}:{fault.line}:{fault.column}"

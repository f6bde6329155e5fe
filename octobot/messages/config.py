"""The issue about a config that cannot be read, and the comment when it can be read again."""

from collections.abc import Sequence
from typing import Literal

from octobot.messages.outlet import code, inert, joined
from octobot.model.config import Fault

Meanwhile = Literal["last", "nothing", "paused"]
"""What octobot does while the file is broken: use the last readable one, nothing, or pause."""

_MOST = 50

_MEANWHILE = {
    "last": (
        "Until it is fixed, octobot uses the last version of the file that it could read, for"
        " proposing and for merging."
    ),
    "nothing": (
        "Until it is fixed, octobot proposes and merges nothing here: it never read this file"
        " without errors."
    ),
    "paused": (
        "Until it is fixed, octobot proposes and merges nothing here, since the file mentions a"
        " pause."
    ),
}


def title(path: str) -> str:
    """Write the issue's title."""
    return f"octobot cannot read {path}"


def body(path: str, faults: Sequence[Fault], meanwhile: Meanwhile) -> str:
    """List every error with its place, and say what octobot does until they are fixed."""
    shown = "\n".join(
        f"- {code(place(path, fault))}: {inert(fault.says)}" for fault in faults[:_MOST]
    )
    more = f"\n- … and {len(faults) - _MOST} more" if len(faults) > _MOST else ""
    return joined(
        f"octobot cannot read {code(path)} on the default branch. {_MEANWHILE[meanwhile]}",
        f"Fix these errors:\n\n{shown}{more}",
        "`octobot config check FILE` finds them before a push. octobot closes this issue when the"
        " file can be read.",
    )


def readable_again(path: str) -> str:
    """Say that the file can be read again."""
    return joined(f"Fixed: octobot can read {code(path)} again, or it was removed.")


def place(path: str, fault: Fault) -> str:
    """Write a place as editors and compilers do: `path:line:column`."""
    return f"{path}:{fault.line}:{fault.column}"

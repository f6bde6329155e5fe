"""Why a check failed, and what would fix it.

Rules or a model name the cause and propose fixes.  A fix is only a proposal until `specs` has
turned it into an edit of the spec's text and every guard has accepted the result.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class CauseClass(StrEnum):
    """What kind of thing broke; `MEANING` in `messages` describes each."""

    # the source is not what the spec says
    DIGEST_MISMATCH = "digest-mismatch"
    COMMIT_MISMATCH = "commit-mismatch"
    TAG_MISSING = "tag-missing"
    SOURCE_MISSING = "source-missing"
    # what the distro adds to it
    PATCH_FAILS = "patch-fails"
    PATCH_UPSTREAM = "patch-upstream"
    CHERRY_PICK_CONFLICT = "cherry-pick-conflict"
    # what the build needs
    PACKAGE_MISSING = "package-missing"
    HEADER_MISSING = "header-missing"
    LIBRARY_MISSING = "library-missing"
    PKG_CONFIG_MISSING = "pkg-config-missing"
    COMMAND_MISSING = "command-missing"
    MODULE_MISSING = "module-missing"
    GO_TOO_OLD = "go-too-old"
    RUST_TOO_OLD = "rust-too-old"
    TOOL_TOO_OLD = "tool-too-old"
    PIN_CONFLICT = "pin-conflict"
    # the build itself
    COMPILE_ERROR = "compile-error"
    TEST_FAILED = "test-failed"
    FILES_CHANGED = "files-changed"
    LICENSE_MOVED = "license-moved"
    SONAME_CHANGED = "soname-changed"
    ARCHITECTURE = "architecture"
    # the machine it ran on
    OUT_OF_MEMORY = "out-of-memory"
    DISK_FULL = "disk-full"
    TIMED_OUT = "timed-out"
    NETWORK = "network"
    INFRASTRUCTURE = "infrastructure"
    UNKNOWN = "unknown"


FLAKES = frozenset({CauseClass.NETWORK, CauseClass.INFRASTRUCTURE})
"""Causes that a second run of the same commit may cure: failed jobs are run again once."""


@dataclass(frozen=True, slots=True)
class SetField:
    """Set one scalar of the spec, as a model or a rule that knows the field proposes."""

    field: str
    """As in `Change.field`: `pipeline[0].with.deps`; `…[+]` appends to a list."""
    text: str | None
    """None removes the item or the key."""


@dataclass(frozen=True, slots=True)
class AddBuildPackage:
    """Add a package to `environment.contents.packages`."""

    name: str


@dataclass(frozen=True, slots=True)
class DropPatch:
    """Stop applying a patch file that upstream has taken over."""

    file: str


@dataclass(frozen=True, slots=True)
class DropCherryPick:
    """Stop picking a commit that the new version contains or contradicts."""

    commit: str
    """As many of its hex digits as the log shows, at least 7."""


@dataclass(frozen=True, slots=True)
class DropDependency:
    """Stop pinning a module in a `go/bump` (or kindred) step: upstream is past the pin."""

    module: str


@dataclass(frozen=True, slots=True)
class RaiseDependency:
    """Raise a module's pin in a `go/bump` (or kindred) step."""

    module: str
    version: str


Fix = SetField | AddBuildPackage | DropPatch | DropCherryPick | DropDependency | RaiseDependency


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the log that matters."""

    number: int
    """In the log as GitHub serves it, counted from 1."""
    text: str
    """Without timestamps and terminal escapes; secrets redacted; still untrusted text."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What broke, as a rule or a model names it."""

    kind: CauseClass
    title: str
    """One line for people, such as `The header zlib.h is missing`; may quote untrusted text."""
    line: LogLine | None
    """The decisive line; None when no line is decisive."""
    explanation: str = ""
    """What it means and what would fix it, in one to three sentences."""
    fixes: tuple[Fix, ...] = ()
    by: Literal["rule", "model"] = "rule"
    confidence: float = 1.0
    """0 to 1, as the rule or the model claims it."""


UNKNOWN_CAUSE = Cause(CauseClass.UNKNOWN, "", None, confidence=0.0)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why one check failed, as far as its log shows."""

    check: str
    url: str
    step: str
    """The failing step's name; empty when the log names none."""
    cause: str
    """The decisive line; empty when no line is decisive."""
    lines: tuple[LogLine, ...]
    """The chunks kept, in the order of the log."""
    why: Cause = UNKNOWN_CAUSE
    fingerprint: str = ""
    """The same for the same failure of another pull request or run; empty: not to be compared."""
    templates: tuple[str, ...] = ()
    """The kept lines with all that varies taken out, for finding similar failures."""

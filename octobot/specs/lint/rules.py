"""The rules of the lint: what each finds, and the remedy."""

from dataclasses import dataclass
from typing import Literal

from octobot.model.reasons import ReasonCode

Severity = Literal["error", "warning", "note"]
"""error: octobot cannot work with the spec; warning: it does not do what the spec seems to say;
note: it works today.  A command that gates changes fails from warnings on."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked for."""

    name: str
    finds: str
    remedy: str
    severity: Severity = "warning"
    fixable: bool = False
    """Whether `octobot lint --fix` can correct it, in the usual case."""


BAD_SPEC = Rule(
    ReasonCode.BAD_SPEC.value,
    "The spec cannot be read: not YAML, or no name, version or epoch that fits.",
    "Correct the line that is named.",
    severity="error",
)
BAD_UPDATE_BLOCK = Rule(
    ReasonCode.BAD_UPDATE_BLOCK.value,
    "An unknown key or a wrong value in the update block; melange refuses it too.",
    "Correct the key or the value; melange's documentation lists them.",
    severity="error",
    fixable=True,
)
BAD_PATTERN = Rule(
    ReasonCode.INVALID_REGEX.value,
    "A regular expression that RE2, Go's dialect, refuses.",
    "Write it without look-around and back-references.",
    severity="error",
)
UNKNOWN_TEMPLATE = Rule(
    ReasonCode.UNKNOWN_TEMPLATE.value,
    "A `${{...}}` in the update block that is not known before the build.",
    "Name a var of the spec, or write the text out.",
    severity="error",
)
NO_SOURCE = Rule(
    "no-source",
    "An enabled block without anybody to ask: no backend, or `git` without a `git-checkout`.",
    "Add github, git or release-monitor, or say manual: true.",
    severity="error",
)
TWO_SOURCES = Rule(
    "two-sources",
    "A block with several backends: only the first of github, git, release-monitor, oci counts.",
    "Keep one.",
)
DISABLED = Rule(
    "disabled-without-reason",
    "A block that is not enabled and does not say why.",
    "Add exclude-reason, or enabled: true.",
)
SCHEDULE = Rule(
    "schedule-without-reason",
    "A schedule that does not say why.",
    "Add reason to the schedule.",
    severity="note",
)
TAG_FILTER = Rule(
    "deprecated-tag-filter",
    "`tag-filter`, the deprecated name of `tag-filter-prefix`.",
    "Write tag-filter-prefix.",
    severity="note",
    fixable=True,
)
FOREIGN_SOURCE = Rule(
    "foreign-identifier",
    "A github identifier that is the repository of none of the spec's checkouts.",
    "Watch the repository that is built, or build the one that is watched.",
)
OPEN_LINE = Rule(
    "open-line",
    "A `git-checkout` over `git://` or `http://`: octobot asks over https only and finds no pin.",
    "Write https://; nearly every host serves the same repository there.",
    fixable=True,
)
BAD_ADDRESS = Rule(
    "unreadable-address",
    "An address that cannot be read as one: `https://[x/y`, a port that is none, an odd host.",
    "Correct the address.",
    severity="error",
)
EMPTY_MATCH = Rule(
    "empty-transform",
    "A transform with an empty `match`: it puts its replacement between all characters.",
    "Write what it should match, or remove it.",
)
UNKNOWN_GROUP = Rule(
    "unknown-group",
    "A replacement that names a group its pattern does not have: in Go `$1_x` is the group `1_x`.",
    "Write ${1}_x; where nothing is meant, leave the group out.",
)
OWN_TAG_DROPPED = Rule(
    "own-tag-dropped",
    "Filters, patterns or transforms that drop the very tag that the spec builds.",
    "Make them fit the tags of upstream as they are now.",
    fixable=True,
)
OWN_TAG_DIFFERS = Rule(
    "own-tag-differs",
    "Filters and transforms that make another version of the spec's own tag than its version.",
    "Make them give the version that the spec has.",
)

PRERELEASE_NAME = Rule(
    "prerelease-word-in-name",
    "The spec's own tag is dropped as a pre-release: its name, not its version, holds alpha, beta, "
    "rc or pre (`prettier-3.0.0`).",
    "Add strip-prefix or strip-suffix, so that the word goes, or set enable-prerelease-tags: true.",
    fixable=True,
)
NO_UPDATE_BLOCK = Rule(
    "no-update-block",
    "The spec has no update block, so nobody notices a new version.",
    "Add an update block; to leave it out on purpose, enabled: false with an exclude-reason.",
)
HELPER_WATCHED = Rule(
    "helper-watched",
    "The update block watches the repository of a helper, and another source has the version; "
    "`git` watches the first `git-checkout`.",
    "Put the package's own git-checkout first, or name its repository with github.",
)
UNPINNED = Rule(
    "unpinned-source",
    "A source that derives from the version has no pin: a `git-checkout` without "
    "`expected-commit`, a `fetch` without a digest.",
    "Add expected-commit, or expected-sha256 or expected-sha512.",
)
STREAM_NOT_FILTERED = Rule(
    "stream-not-filtered",
    "The package's name has a version stream (`driver-2.0`), and the filters let versions of other "
    "streams in. A note for release-monitor, whose project may be the stream's own.",
    "Add tag-filter-prefix (release-monitor: version-filter-prefix) up to behind the stream.",
)
PREFIX_ENDS_IN_DIGIT = Rule(
    "prefix-ends-in-digit",
    "The filter of a version stream ends in its last digit: `v2` lets `v20.0` in.",
    "End it with what follows the number in the tags, such as `v2.`.",
    # Most upstreams never get there, and octobot itself keeps a package in its stream.
    severity="note",
)
STRIP_PREFIX_NOT_FILTERED = Rule(
    "strip-prefix-not-filtered",
    "The prefix of one part of a monorepo (`a/v`) is stripped and not filtered by: the versions of "
    "other parts are read, too.",
    "Add the same text as tag-filter-prefix.",
    severity="note",
)

RULES = (
    BAD_SPEC,
    BAD_UPDATE_BLOCK,
    BAD_PATTERN,
    UNKNOWN_TEMPLATE,
    NO_SOURCE,
    TWO_SOURCES,
    DISABLED,
    SCHEDULE,
    TAG_FILTER,
    FOREIGN_SOURCE,
    OPEN_LINE,
    BAD_ADDRESS,
    EMPTY_MATCH,
    UNKNOWN_GROUP,
    OWN_TAG_DROPPED,
    OWN_TAG_DIFFERS,
    PRERELEASE_NAME,
    NO_UPDATE_BLOCK,
    HELPER_WATCHED,
    UNPINNED,
    STREAM_NOT_FILTERED,
    PREFIX_ENDS_IN_DIGIT,
    STRIP_PREFIX_NOT_FILTERED,
)
"""Every rule, for the manual's table."""

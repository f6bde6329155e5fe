"""The rules of the lint: what each finds, and the remedy."""

from dataclasses import dataclass

from octobot.model.reasons import ReasonCode


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is looked for."""

    name: str
    finds: str
    remedy: str


BAD_SPEC = Rule(
    ReasonCode.BAD_SPEC.value,
    "The spec cannot be read: not YAML, or no name, version or epoch that fits.",
    "Correct the line that is named.",
)
BAD_UPDATE_BLOCK = Rule(
    ReasonCode.BAD_UPDATE_BLOCK.value,
    "An unknown key or a wrong value in the update block; melange refuses it too.",
    "Correct the key or the value; melange's documentation lists them.",
)
BAD_PATTERN = Rule(
    ReasonCode.INVALID_REGEX.value,
    "A regular expression that RE2, Go's dialect, refuses.",
    "Write it without look-around and back-references.",
)
UNKNOWN_TEMPLATE = Rule(
    ReasonCode.UNKNOWN_TEMPLATE.value,
    "A `${{...}}` in the update block that is not known before the build.",
    "Name a var of the spec, or write the text out.",
)
NO_SOURCE = Rule(
    "no-source",
    "An enabled block without anybody to ask: no backend, or `git` without a `git-checkout`.",
    "Add github, git or release-monitor, or say manual: true.",
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
)
TAG_FILTER = Rule(
    "deprecated-tag-filter",
    "`tag-filter`, the deprecated name of `tag-filter-prefix`.",
    "Write tag-filter-prefix.",
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
)
BAD_ADDRESS = Rule(
    "unreadable-address",
    "An address that cannot be read as one: `https://[x/y`, a port that is none, an odd host.",
    "Correct the address.",
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
)
OWN_TAG_DIFFERS = Rule(
    "own-tag-differs",
    "Filters and transforms that make another version of the spec's own tag than its version.",
    "Make them give the version that the spec has.",
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
)
"""Every rule, for the manual's table."""

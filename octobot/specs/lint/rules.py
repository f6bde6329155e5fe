"""The lint rules: what each finds, and the remedy."""

from dataclasses import dataclass

from octobot.model.reasons import ReasonCode


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of problem."""

    name: str
    finds: str
    remedy: str


BAD_SPEC = Rule(
    ReasonCode.BAD_SPEC.value,
    "The spec cannot be read: not YAML, or a missing or invalid name, version or epoch.",
    "Correct this line.",
)
BAD_UPDATE_BLOCK = Rule(
    ReasonCode.BAD_UPDATE_BLOCK.value,
    "The update block has an unknown key or an invalid value; melange refuses it too.",
    "Correct the key or the value; melange's documentation lists them all.",
)
BAD_PATTERN = Rule(
    ReasonCode.INVALID_REGEX.value,
    "A regular expression is not valid in RE2, the syntax that Go uses.",
    "Write it without look-around and backreferences.",
)
UNKNOWN_TEMPLATE = Rule(
    ReasonCode.UNKNOWN_TEMPLATE.value,
    "The update block uses a `${{...}}` whose value is not known before the build.",
    "Use a var of the spec, or write the text out.",
)
NO_SOURCE = Rule(
    "no-source",
    "An enabled update block without a source: no backend, or `git` without a `git-checkout`.",
    "Add github, git or release-monitor, or set manual: true.",
)
TWO_SOURCES = Rule(
    "two-sources",
    "Several backends in one block; the first of github, git, release-monitor, oci is used.",
    "Keep one of them.",
)
DISABLED = Rule(
    "disabled-without-reason",
    "The update block is not enabled and does not say why.",
    "Add exclude-reason, or set enabled: true.",
)
SCHEDULE = Rule(
    "schedule-without-reason", "The schedule has no reason.", "Add a reason to the schedule."
)
TAG_FILTER = Rule(
    "deprecated-tag-filter",
    "`tag-filter` is the deprecated name of `tag-filter-prefix`.",
    "Write tag-filter-prefix.",
)
OTHER_SOURCE = Rule(
    "identifier-not-built",
    "The github identifier is not the repository of any of the spec's checkouts.",
    "Watch the repository that is built, or build the one that is watched.",
)
INSECURE_SOURCE = Rule(
    "insecure-source",
    "A `git-checkout` uses `git://` or `http://`; octobot fetches over https only, so no pin.",
    "Write https://; nearly every host serves the same repository there.",
)
BAD_ADDRESS = Rule(
    "unreadable-address",
    "An invalid address: `https://[x/y`, an invalid port or an invalid host.",
    "Correct the address.",
)
EMPTY_MATCH = Rule(
    "empty-transform",
    "A transform has an empty `match`: it inserts its replacement between all characters.",
    "Write what it should match, or remove it.",
)
UNKNOWN_GROUP = Rule(
    "unknown-group",
    "A replacement names a group that its pattern lacks: in Go `$1_x` is the group `1_x`.",
    "Write ${1}_x, or remove the group.",
)
OWN_TAG_DROPPED = Rule(
    "own-tag-dropped",
    "Filters, patterns or transforms drop the tag that the spec itself builds.",
    "Adapt them to upstream's current tags.",
)
OWN_TAG_DIFFERS = Rule(
    "own-tag-differs",
    "Filters and transforms turn the spec's own tag into another version than the spec's.",
    "Adapt them so that the tag becomes the spec's version.",
)

RULES = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""Every rule, in the order above, for the manual's table."""

"""The lint rules: what each finds, and the remedy."""

from dataclasses import dataclass
from typing import Literal

from octobot.model.reasons import ReasonCode

Severity = Literal["error", "warning", "note"]
"""error: octobot cannot work with the spec; warning: it does not do what the spec seems to say;
note: it works today.  A command that gates changes fails from warnings on."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of problem."""

    name: str
    finds: str
    remedy: str
    severity: Severity = "warning"
    fixable: bool = False
    """Whether `octobot lint --fix` can correct it, in the usual case."""


BAD_SPEC = Rule(
    ReasonCode.BAD_SPEC.value,
    "The spec cannot be read: not YAML, or a missing or invalid name, version or epoch.",
    "Correct this line.",
    severity="error",
)
BAD_UPDATE_BLOCK = Rule(
    ReasonCode.BAD_UPDATE_BLOCK.value,
    "The update block has an unknown key or an invalid value; melange refuses it too.",
    "Correct the key or the value; melange's documentation lists them all.",
    severity="error",
    fixable=True,
)
BAD_PATTERN = Rule(
    ReasonCode.INVALID_REGEX.value,
    "A regular expression is not valid in RE2, the syntax that Go uses.",
    "Write it without look-around and backreferences.",
    severity="error",
)
UNKNOWN_TEMPLATE = Rule(
    ReasonCode.UNKNOWN_TEMPLATE.value,
    "The update block uses a `${{...}}` whose value is not known before the build.",
    "Use a var of the spec, or write the text out.",
    severity="error",
)
NO_SOURCE = Rule(
    "no-source",
    "An enabled update block without a source: no backend, or `git` without a `git-checkout`.",
    "Add github, git or release-monitor, or set manual: true.",
    severity="error",
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
    "schedule-without-reason",
    "The schedule has no reason.",
    "Add a reason to the schedule.",
    severity="note",
)
TAG_FILTER = Rule(
    "deprecated-tag-filter",
    "`tag-filter` is the deprecated name of `tag-filter-prefix`.",
    "Write tag-filter-prefix.",
    severity="note",
    fixable=True,
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
    fixable=True,
)
BAD_ADDRESS = Rule(
    "unreadable-address",
    "An invalid address: `https://[x/y`, an invalid port or an invalid host.",
    "Correct the address.",
    severity="error",
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
    fixable=True,
)
OWN_TAG_DIFFERS = Rule(
    "own-tag-differs",
    "Filters and transforms turn the spec's own tag into another version than the spec's.",
    "Adapt them so that the tag becomes the spec's version.",
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

RULES = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""Every rule, in the order above, for the manual's table."""

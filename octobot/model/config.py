"""The repository's own settings, from its `.github/octobot.yaml` on the default branch."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from octobot.model.ids import Sha, change_of_group
from octobot.model.orders import Level
from octobot.model.package import Upstream
from octobot.model.pull_request import MergeMethod, RequiredCheck
from octobot.model.reasons import Reason
from octobot.model.suggestion import FixClass

MergeBy = Literal["api", "queue", "auto"]
"""Who merges: octobot itself, GitHub's merge queue, or GitHub's auto-merge."""


@dataclass(frozen=True, slots=True)
class Ages:
    """The minimum release age by the size of the jump; None: not set here."""

    major: timedelta | None = None
    minor: timedelta | None = None
    patch: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PackageRule:
    """What differs for the packages whose name matches; later rules win."""

    match: str
    """A shell pattern such as `openssl*`."""
    automerge: bool | None = None
    approval: bool | None = None
    """True: a person must approve the pull request on GitHub before octobot merges it."""
    minimum_release_age: timedelta | Ages | None = None
    hold: str | None = None
    """The reason why nothing is proposed or merged; None: not held."""
    datasource: str | None = None
    """With `identifier`: a second source that must know a version before it is proposed."""
    identifier: str | None = None
    vulnerability_release_age: timedelta | None = None
    largest_jump: int | None = None


@dataclass(frozen=True, slots=True)
class SuggestionRules:
    """What happens to suggestions without a person; by default nothing."""

    apply: tuple[FixClass, ...] = ()
    """Classes of edits that octobot commits by itself, when its rules propose them."""
    apply_model: tuple[FixClass, ...] = ()
    """The same, when a model proposes them."""
    merge: tuple[FixClass, ...] = ()
    """Classes that need no approval for the merge, when a rule proposed them; a model's always do.
    """
    model: bool = True
    """False: no model is asked about failures of this repository."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A spec whose new version rebuilds its users, whatever its annotations say."""

    name: str
    """The spec, such as `go-1.26`."""
    packages: tuple[str, ...]
    """Those whose users are rebuilt; a name that the spec provides, such as `go`, counts as well.
    """


@dataclass(frozen=True, slots=True)
class IndexKey:
    """A public key that signs indexes of built packages."""

    name: str
    """As signatures name it, such as `build@example.org-5f1c.rsa.pub`."""
    pem: str


@dataclass(frozen=True, slots=True)
class IndexRules:
    """Where the built packages are published."""

    repository: str
    """Its https address, to which `/ARCHITECTURE/APKINDEX.tar.gz` is added."""
    architectures: tuple[str, ...]
    keys: tuple[IndexKey, ...] = ()
    """One of them must have signed each index; empty: no signature is asked for."""
    allow_sha1: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """The address of each architecture's index."""
        return tuple(f"{self.repository}/{each}/APKINDEX.tar.gz" for each in self.architectures)


@dataclass(frozen=True, slots=True)
class RebuildRules:
    """What is rebuilt behind a merge."""

    enabled: bool = False
    """False: plans are shown, and nothing is opened for them."""
    toolchains: tuple[Toolchain, ...] = ()
    index: IndexRules | None = None
    """None: what is published is not known."""


@dataclass(frozen=True, slots=True)
class Group:
    """Packages that move together: proposed, judged and merged as one pull request."""

    name: str
    match: tuple[str, ...]
    """Shell patterns; a package belongs to the group when one of them matches its name."""
    line: int = 0
    """The group's line in the file, counted from 1; 0: unknown."""

    @property
    def lane(self) -> str:
        """What replaces a package's name in the group's lane, branch and ledger."""
        return change_of_group(self.name)


@dataclass(frozen=True, slots=True)
class Config:
    """One repository's settings; the defaults are the careful ones."""

    paused: bool = False
    automerge: bool = True
    merge_method: MergeMethod = "squash"
    merge_by: MergeBy = "api"
    blocking_labels: tuple[str, ...] = ("do-not-merge",)
    """Labels with which a pull request is not merged, in any case of letters."""
    minimum_release_age: timedelta | Ages = timedelta(hours=24)
    vulnerability_release_age: timedelta | None = None
    """For a fix of a known vulnerability that a second source confirms; None: not shortened."""
    largest_jump: int = 1
    """Steps of the first number that need no person's approval."""
    approval: tuple[str, ...] = ()
    """Shell patterns of packages whose pull requests a person must approve."""
    required_checks: tuple[RequiredCheck, ...] = ()
    """In addition to what protection and rulesets require."""
    open_pull_requests: int = 100
    """No new pull request is opened while this many of octobot's are open."""
    new_pull_requests_per_hour: int | None = None
    """The same for those opened within an hour; None: as many as GitHub takes."""
    package_pull_requests_per_day: int = 4
    """For one package, or group, within 24 hours; those that people order are not limited."""
    stuck_issue_after: timedelta | None = timedelta(days=7)
    """How long a package must be stuck before an issue says so; None or none: no issue does."""
    packages: tuple[PackageRule, ...] = ()
    groups: tuple[Group, ...] = ()
    commands: tuple[tuple[str, Level | None], ...] = ()
    """The lowest permission of a slash command, if not the default; None: nobody."""
    waive: tuple[tuple[str, Level | None], ...] = ()
    """The lowest permission whose `merge` waives a rule, if not the default; None: nobody."""
    command_bots: tuple[int, ...] = ()
    """Numeric user ids of bots that may use commands, as if they could write."""
    suggestions: SuggestionRules = SuggestionRules()
    rebuild: RebuildRules = RebuildRules()
    fault: Reason | None = None
    """Why a file cannot be read now; these are then its last good settings."""


@dataclass(frozen=True, slots=True)
class PackagePolicy:
    """The settings of one package."""

    automerge: bool
    approval: bool
    minimum_release_age: timedelta
    """The longest of the ages for all sizes of jumps."""
    hold: str | None
    second_source: Upstream | None = None
    """The second source that must know a version too; None: none is asked."""
    ages: Ages = Ages()
    """By the size of the jump; a size without a setting has `minimum_release_age`."""
    vulnerability_release_age: timedelta | None = None
    largest_jump: int = 1


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """One settings file at one moment."""

    path: str
    """As its author names it: `.github/octobot.yaml`; the organisation's: `OWNER/.github: …`."""
    blob: Sha
    """What it holds, as git names it."""
    text: str | None
    """None: it is not a UTF-8 text of less than 1 MB."""


@dataclass(frozen=True, slots=True)
class ConfigIssue:
    """The issue that says what is wrong with a repository's file."""

    digest: str
    """Of what it says."""
    number: int | None
    """None from the intent until GitHub has answered."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong with a settings file, and its remedy."""

    line: int
    """Counted from 1, like `column`."""
    column: int
    says: str

"""The repository's own settings, from its `.github/octobot.yaml` on the default branch."""

from dataclasses import dataclass
from datetime import timedelta

from octobot.model.package import Upstream
from octobot.model.pull_request import MergeMethod, RequiredCheck


@dataclass(frozen=True, slots=True)
class PackageRule:
    """What differs for the packages whose name matches; later rules win."""

    match: str
    """A shell pattern such as `openssl*`."""
    automerge: bool | None = None
    approval: bool | None = None
    """True: a person must approve the pull request on GitHub before octobot merges it."""
    minimum_release_age: timedelta | None = None
    hold: str | None = None
    """The reason why nothing is proposed or merged; None: not held."""
    datasource: str | None = None
    """With `identifier`: a second source that must know a version before it is proposed."""
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Packages that move together: proposed, judged and merged as one pull request."""

    name: str
    match: tuple[str, ...]
    """Shell patterns; a package belongs to the group when one of them matches its name."""
    line: int = 0
    """Where the group stands in the file, counted from 1; 0: unknown."""

    @property
    def lane(self) -> str:
        """What stands for a package's name in the group's lane, branch and ledger."""
        return f"{LANE}{self.name}"


LANE = "group/"
"""No package has a slash in its name."""


@dataclass(frozen=True, slots=True)
class Config:
    """One repository's settings; the defaults are the careful ones."""

    paused: bool = False
    automerge: bool = True
    merge_method: MergeMethod = "squash"
    minimum_release_age: timedelta = timedelta(hours=24)
    required_checks: tuple[RequiredCheck, ...] = ()
    """In addition to what protection and rulesets require."""
    open_pull_requests: int = 100
    """No new pull request is opened while this many of octobot's are open."""
    packages: tuple[PackageRule, ...] = ()
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class PackagePolicy:
    """`Config` boiled down for one package."""

    automerge: bool
    approval: bool
    minimum_release_age: timedelta
    hold: str | None
    witness: Upstream | None = None
    """The second source that must know a version too; None: none is asked."""

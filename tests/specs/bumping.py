"""Drives a bump with answers from a table, for the tests of this room."""

from collections.abc import Mapping
from datetime import datetime

from octobot.model.bump import (
    Answer,
    Ask,
    Bumped,
    Bumping,
    CommitOf,
    ContainedIn,
    DigestOf,
    GoModOf,
)
from octobot.model.ids import Sha, Version
from octobot.model.reasons import Reason
from octobot.model.release import Candidate, Release
from octobot.specs.bump.bump import bump

OLD = "1" * 40
NEW = "2" * 40
OTHER = "3" * 40
OLD_256 = "a" * 64
NEW_256 = "b" * 64
HELLO = "https://github.com/example/hello"

SPEC = f"""\
package:
  name: hello
  version: "1.2.3"
  epoch: 4 # GHSA-xxxx-yyyy-zzzz
  description: says hello

# where it comes from
pipeline:
  - uses: git-checkout
    with:
      repository: {HELLO}
      tag: v${{{{package.version}}}}
      expected-commit: {OLD}

  - uses: go/build
    with:
      packages: .

update:
  enabled: true
  github:
    identifier: example/hello
    strip-prefix: v
"""

BRANCH = SPEC.replace("tag: v${{package.version}}", "branch: main")
FETCH = SPEC.replace(
    f"""\
  - uses: git-checkout
    with:
      repository: {HELLO}
      tag: v${{{{package.version}}}}
      expected-commit: {OLD}
""",
    f"""\
  - uses: fetch
    with:
      uri: https://example.com/hello-${{{{package.version}}}}.tar.gz
      expected-sha256: '{OLD_256}'
""",
)


def drive(
    conversation: Bumping, answers: Mapping[Ask, Answer]
) -> tuple[Bumped | Reason, list[Ask]]:
    """Answer until the end; return the end and what was asked."""
    asked: list[Ask] = []
    answer: Answer = None
    while True:
        try:
            ask = conversation.send(answer)
        except StopIteration as end:
            outcome: Bumped | Reason = end.value
            return outcome, asked
        asked.append(ask)
        answer = answers.get(ask)


def candidate(version: str, *, name: str = "", commit: str | None = None) -> Candidate:
    """Make a target."""
    sha = Sha(commit) if commit else None
    return Candidate(Release(name or f"v{version}", sha), Version(version))


def bumped(text: str, version: str, answers: Mapping[Ask, Answer]) -> Bumped:
    """Bump `hello.yaml`, and insist that it works."""
    outcome, _ = drive(bump("hello.yaml", text, candidate(version)), answers)
    assert isinstance(outcome, Bumped), outcome
    return outcome


def refused(text: str, version: str, answers: Mapping[Ask, Answer]) -> Reason:
    """Bump `hello.yaml`, and insist that it is refused."""
    outcome, _ = drive(bump("hello.yaml", text, candidate(version)), answers)
    assert isinstance(outcome, Reason), outcome
    return outcome


def tag(name: str, commit: str = NEW, repository: str = HELLO) -> dict[Ask, Answer]:
    """Return the answer for one tag."""
    return {CommitOf(repository, f"refs/tags/{name}"): commit}


def head(branch: str, commit: str = NEW, repository: str = HELLO) -> dict[Ask, Answer]:
    """Return the answer for one branch."""
    return {CommitOf(repository, f"refs/heads/{branch}"): commit}


def digest(uri: str, value: str = NEW_256) -> dict[Ask, Answer]:
    """Return the answer for one file."""
    return {DigestOf(uri, "sha256"): value}


def gomod(requires: Mapping[str, str], *, ref: str, directory: str = ".") -> dict[Ask, Answer]:
    """Return the answer for one `go.mod`."""
    return {GoModOf(HELLO, f"refs/tags/{ref}", directory): requires}


def contained(commits: tuple[str, ...], within: set[str], *, ref: str) -> dict[Ask, Answer]:
    """Return the answer about ancestry."""
    return {ContainedIn(HELLO, f"refs/tags/{ref}", commits): frozenset(within)}


def line_of(text: str, part: str) -> int:
    """Return the number of the first line that holds `part`."""
    return next(n for n, line in enumerate(text.splitlines(), 1) if part in line)


def release(name: str, *, committed: datetime | None = None, commit: str | None = None) -> Release:
    """Make a release of an upstream."""
    return Release(name, Sha(commit) if commit else None, committed=committed)

"""What one look concludes about a followed branch."""

from datetime import UTC, datetime

from octobot.flows.lookup.select import Lookup, select
from octobot.model.ids import Sha
from octobot.model.package import Package
from octobot.model.reasons import ReasonCode
from octobot.model.release import Release
from octobot.specs.read.package import read

PINNED, HEAD = Sha("1" * 40), Sha("2" * 40)
SPEC = f"""\
package:
  name: hello
  version: "1.2_git20260822"
  epoch: 0
pipeline:
  - uses: git-checkout
    with:
      repository: https://example.com/hello
      branch: main
      expected-commit: {PINNED}
update:
  enabled: true
  git: {{}}
"""


def _look(commit: Sha, day: int) -> Lookup:
    package = read("hello.yaml", SPEC)
    assert isinstance(package, Package)
    committed = datetime(2026, 8, day, 23, tzinfo=UTC)
    return select(package, (Release("main", commit, committed=committed),))


def test_a_branch_that_moved_on_a_later_day_is_an_update() -> None:
    """Its version is made of that day."""
    look = _look(HEAD, 23)
    assert look.target is not None
    assert (look.target.version, look.reason.code) == ("1.2_git20260823", ReasonCode.UPDATE_FOUND)


def test_a_branch_that_did_not_move_is_up_to_date() -> None:
    """Whatever the date of the commit that the spec has."""
    look = _look(PINNED, 25)
    assert (look.target, look.reason.code, look.reason.detail) == (None, ReasonCode.UP_TO_DATE, "")


def test_a_branch_that_moved_within_the_day_waits_and_says_so() -> None:
    """The same version twice would be one pull request twice."""
    look = _look(HEAD, 22)
    assert (look.target, look.reason.code) == (None, ReasonCode.UP_TO_DATE)
    assert "a commit of a later day" in look.reason.detail

"""Groups in the repository's file: what is read, what is refused, and who belongs to which."""

import pytest

from octobot.model.config import Config, Group
from octobot.model.reasons import Reason, ReasonCode
from octobot.policy.config.groups import group_of
from octobot.policy.config.read import read

TWO = """\
paused: false
groups:
  - name: rails-8.1
    match: ["ruby*-activemodel", "ruby*-activesupport"]
  - match: [tools]
    name: tools
"""


def test_a_group_knows_its_name_patterns_lane_and_line() -> None:
    """The lane cannot be mistaken for a package: no package has a slash in its name."""
    config = read(TWO)
    assert isinstance(config, Config)
    rails = Group("rails-8.1", ("ruby*-activemodel", "ruby*-activesupport"), line=3)
    assert config.groups == (rails, Group("tools", ("tools",), line=5))
    assert rails.lane == "group/rails-8.1"


def test_a_package_belongs_to_the_group_that_matches() -> None:
    """By shell patterns over whole names, as everywhere in the file."""
    config = read(TWO)
    assert isinstance(config, Config)
    found = group_of(config, "ruby3.4-activemodel")
    assert isinstance(found, Group)
    assert found.name == "rails-8.1"
    assert group_of(config, "ruby3.4-activemodel-extras") is None
    assert group_of(Config(), "tools") is None


def test_a_package_in_two_groups_is_an_error_with_the_second_ones_line() -> None:
    """Which one it is in is not guessed."""
    config = read(TWO.replace("[tools]", '["*-activemodel"]'))
    assert isinstance(config, Config)
    reason = group_of(config, "ruby3.4-activemodel")
    assert isinstance(reason, Reason)
    assert reason.code is ReasonCode.BAD_CONFIG
    assert str(reason.where) == ".github/octobot.yaml:5"
    assert "rails-8.1 and tools" in reason.detail
    assert isinstance(group_of(config, "ruby3.4-activesupport"), Group)


@pytest.mark.parametrize(
    ("group", "says"),
    [
        ("{match: [a]}", "name is missing"),
        ("{name: a}", "match is missing"),
        ("{name: a, match: []}", "match is empty"),
        ("{name: a, match: b}", "expected a list"),
        ("{name: a/b, match: [a]}", "cannot name a group"),
        ("{name: a..b, match: [a]}", "cannot name a group"),
        ("{name: a.lock, match: [a]}", "cannot name a group"),
        ("{name: -a, match: [a]}", "cannot name a group"),
        ("{name: [a], match: [a]}", "cannot name a group"),
        ("{name: a, match: [a], hold: x}", "'hold' is not a key"),
        ("a", "expected keys and values"),
    ],
)
def test_what_cannot_be_a_group_is_refused_with_its_line(group: str, says: str) -> None:
    """A name becomes a part of a branch's name, so git's own rules count."""
    reason = read(f"groups:\n  - {group}\n")
    assert isinstance(reason, Reason)
    assert says in reason.detail
    assert reason.where
    assert reason.where.line == 2


def test_groups_are_a_list() -> None:
    """Anything else is refused."""
    assert isinstance(read("groups: {name: a}\n"), Reason)


@pytest.mark.parametrize(
    ("second", "says"),
    [
        ("{name: a, match: [c]}", "the group a is given twice"),
        ("{name: b, match: [x, a, a]}", "a is in the group a, too"),
    ],
)
def test_two_groups_share_neither_name_nor_pattern(second: str, says: str) -> None:
    """What the file alone shows is reported when it is read."""
    reason = read(f"groups:\n  - {{name: a, match: [a]}}\n  - {second}\n")
    assert isinstance(reason, Reason)
    assert says in reason.detail
    assert reason.where
    assert reason.where.line == 3

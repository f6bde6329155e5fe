from dataclasses import fields
from datetime import timedelta

import pytest
import yaml

from octobot.model.config import Config, PackageRule
from octobot.model.pull_request import RequiredCheck
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.policy.config.example import EXAMPLE
from octobot.policy.config.keys import KEYS, PACKAGE_KEYS
from octobot.policy.config.read import for_package, read, read_values, reason_of
from octobot.policy.config.scalars import Faults
from tests.policy.bad_configs import BAD


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n"])
def test_nothing_said_means_the_careful_defaults(text: str) -> None:
    """A repository without settings merges after 24 hours, by squash, with checks required."""
    assert read(text) == Config()


def test_the_example_uses_every_key_and_means_what_it_says() -> None:
    """The manual's example is a real file, read by the same reader."""
    config = read(EXAMPLE)

    assert isinstance(config, Config)
    assert set(yaml.safe_load(EXAMPLE)) == {key.name for key in KEYS}
    assert config.required_checks == (
        RequiredCheck("build (x86_64)", 15368),
        RequiredCheck("legal/review", creator=41898282),
    )
    assert config.approval == ("glibc*", "gcc*")
    assert config.packages == (
        PackageRule("openssl*", approval=True, minimum_release_age=timedelta(days=7)),
        PackageRule("glibc-2.43", automerge=False),
        PackageRule("nodejs-24", hold="waits for the new ICU"),
        PackageRule("py3-requests", datasource="pypi", identifier="requests"),
    )


def test_the_example_shows_the_defaults() -> None:
    """Every plain value in the example is the default, as its comment claims."""
    config = read(EXAMPLE)
    assert isinstance(config, Config)
    assert Config() == Config(
        paused=config.paused,
        automerge=config.automerge,
        merge_method=config.merge_method,
        merge_by=config.merge_by,
        largest_jump=config.largest_jump,
        minimum_release_age=config.minimum_release_age,
        open_pull_requests=config.open_pull_requests,
    )


@pytest.mark.parametrize(
    ("text", "after"),
    [("never", None), ("0", None), ("0s", None), ("12h", timedelta(hours=12))],
)
def test_a_duration_may_be_never(text: str, after: timedelta | None) -> None:
    """`never`, 0 and no time at all switch the issue off; anything else names the remedy."""
    config = read(f"stuck-issue-after: {text}\n")
    assert isinstance(config, Config)
    assert config.stuck_issue_after == after
    wrong = read("stuck-issue-after: soon\n")
    assert isinstance(wrong, Reason)
    assert "write one such as 12h or 7d, or never" in wrong.detail


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("24h", timedelta(hours=24)),
        ("0s", timedelta(0)),
        ("7d", timedelta(days=7)),
        ("90m", timedelta(minutes=90)),
        ('"12h"', timedelta(hours=12)),
    ],
)
def test_durations_carry_their_unit(text: str, age: timedelta) -> None:
    """A number and one of s, m, h, d."""
    config = read(f"minimum-release-age: {text}\n")
    assert isinstance(config, Config)
    assert config.minimum_release_age == age


@pytest.mark.parametrize(
    ("text", "line", "says"),
    BAD,
)
def test_a_fault_is_refused_with_its_line_and_remedy(text: str, line: int, says: str) -> None:
    """No guess is made about a file that controls merges."""
    reason = read(text)

    assert isinstance(reason, Reason)
    assert reason.code is ReasonCode.BAD_CONFIG
    assert reason.where == Where(".github/octobot.yaml", line)
    assert says in reason.detail


def test_every_fault_is_reported_with_its_place() -> None:
    """Not only the first one: a file is fixed in one go."""
    faults = read_values(
        "paused: maybe\n"
        "automrge: true\n"
        "required-checks:\n"
        "  - {name: build}\n"
        "  - {app: x}\n"
        "packages:\n"
        "  - hold: [a]\n"
        "paused: true\n"
    )
    assert isinstance(faults, Faults)
    assert [(fault.line, fault.column) for fault in faults.all] == [
        (1, 9),
        (2, 1),
        (4, 5),
        (5, 11),
        (7, 5),
        (7, 11),
        (8, 1),
    ]
    reason = reason_of(faults)
    assert reason.where == Where(".github/octobot.yaml", 1)
    assert reason.detail.endswith("(and 6 more)")


@pytest.mark.parametrize("text", ["1.2.3", "'1'", "v1", "0x", "1-2", "yes", "nope", "e5", "+", "."])
def test_what_yaml_takes_for_a_text_needs_no_quotes(text: str) -> None:
    """Numbers and truths are refused as texts; what only looks like one is not."""
    assert isinstance(read(f"approval: [{text}]\n"), Config)


def test_the_defaults_shown_are_the_defaults() -> None:
    """What the table of keys says of a default is what holds without the key."""
    for key in KEYS:
        text = f"{key.name}: {key.default}\n"
        told = read(text)
        if isinstance(told, Config):
            assert told == Config(), key.name


def test_every_key_is_a_field_of_its_own() -> None:
    """A key without a field, or a field that no key sets, is a bug of octobot."""
    keys = {key.field for key in KEYS}
    assert keys == {field.name for field in fields(Config)} - {"fault"}
    rules = {field.name for field in fields(PackageRule)}
    assert {key.field for key in PACKAGE_KEYS} == rules


def test_later_rules_win_key_by_key() -> None:
    """Each matching rule overrides only what it names."""
    config = read(
        "automerge: false\n"
        "packages:\n"
        "  - {match: 'open*', automerge: true, approval: true, minimum-release-age: 7d}\n"
        "  - {match: 'openssl*', minimum-release-age: 0s, hold: wait}\n"
        "  - {match: OPENSSL, approval: false}\n"
    )
    assert isinstance(config, Config)

    openssl, openssh, curl = (for_package(config, name) for name in ("openssl", "openssh", "curl"))

    assert (openssl.automerge, openssl.approval, openssl.hold) == (True, True, "wait")
    assert openssl.minimum_release_age == timedelta(0)
    assert (openssh.minimum_release_age, openssh.hold) == (timedelta(days=7), None)
    assert (curl.automerge, curl.approval, curl.minimum_release_age, curl.hold) == (
        False,
        False,
        timedelta(hours=24),
        None,
    )

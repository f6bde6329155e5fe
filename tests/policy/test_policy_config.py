from datetime import timedelta

import pytest
import yaml

from octobot.model.config import Config, PackageRule
from octobot.model.pull_request import RequiredCheck
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.policy.config import for_package, read
from octobot.policy.config_example import EXAMPLE
from octobot.policy.config_keys import KEYS
from octobot.policy.yaml_text import LIMIT


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n"])
def test_nothing_said_means_the_careful_defaults(text: str) -> None:
    """A repository without settings merges after 24 hours, by squash, with checks required."""
    assert read(text) == Config()


def test_the_example_uses_every_key_and_means_what_it_says() -> None:
    """The README's example is a real file, read by the same reader."""
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
    [
        ("automerge: true\nauto-merge: false\n", 2, "did you mean automerge?"),
        ("minimum_release_age: 1d\n", 1, "did you mean minimum-release-age?"),
        ("zzz: 1\n", 1, "write one of paused, automerge"),
        ("paused: true\n\npaused: false\n", 3, "given twice"),
        ("paused: yes\n", 1, "write true or false"),
        ("paused: 'true'\n", 1, "without quotes"),
        ("paused:\n", 1, "write true or false"),
        ("paused: [true]\n", 1, "write true or false"),
        ("merge-method: octopus\n", 1, "squash, merge, rebase"),
        ("minimum-release-age: 24\n", 1, "0s, 90m, 24h or 7d"),
        ("minimum-release-age: -1h\n", 1, "0s, 90m, 24h or 7d"),
        ("minimum-release-age: 1h30m\n", 1, "0s, 90m, 24h or 7d"),
        ("minimum-release-age: \uff11h\n", 1, "0s, 90m, 24h or 7d"),
        ('minimum-release-age: "1h\\n"\n', 1, "0s, 90m, 24h or 7d"),
        ("open-pull-requests: many\n", 1, "whole number"),
        ("open-pull-requests: 1_000\n", 1, "whole number"),
        ("required-checks: build\n", 1, "expected a list"),
        ("required-checks:\n  - build\n", 2, "expected keys and values"),
        ("required-checks:\n  - name: build\n", 2, "app is missing"),
        ("required-checks:\n  - app: 1\n", 2, "name is missing"),
        ("required-checks:\n  - {name: '', app: 1}\n", 2, "expected a text"),
        ("required-checks:\n  - {name: b, app: actions}\n", 2, "whole number"),
        ("packages:\n  - match: a\n  - hold: b\n", 2, "changes nothing"),
        ("packages:\n  - match: a\n    hold: b\n  - hold: b\n", 4, "match is missing"),
        ("packages:\n  - match: a\n    hold: [b]\n", 3, "expected a text"),
        ("packages:\n  - match: a\n    paused: true\n", 3, "'paused' is not a key"),
        ("? [a, b]\n: c\n", 1, "is not a key"),
        ("- paused\n", 1, "expected keys and values"),
        ("true\n", 1, "expected keys and values"),
        ("a: &x 1\n", 1, "anchors and aliases"),
        ("a: 1\nb: *x\n", 2, "anchors and aliases"),
        ("paused: !!bool true\n", 1, "tag"),
        ("!!python/object/apply:os.system [id]\n", 1, "tag"),
        ("paused: true\n---\npaused: false\n", 2, "correct the YAML"),
        ("paused: [\n", 2, "correct the YAML"),
        ("paused: true\n\tautomerge: x\n", 2, "correct the YAML"),
        ("paused: \x00true\n", 1, "characters that YAML does not allow"),
        ("packages: " + "[" * 5000, 1, "nests too deep"),
        ("#" * (LIMIT + 1), 1, "keep it under"),
    ],
)
def test_a_fault_is_refused_with_its_line_and_remedy(text: str, line: int, says: str) -> None:
    """No guess is made about a file that steers merges."""
    reason = read(text)

    assert isinstance(reason, Reason)
    assert reason.code is ReasonCode.BAD_CONFIG
    assert reason.where == Where(".github/octobot.yaml", line)
    assert says in reason.detail


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

"""The keys of the repository's file that configure the gate."""

from datetime import timedelta

import pytest

from octobot.model.config import Ages, Config, PackagePolicy
from octobot.model.pull_request import RequiredCheck
from octobot.model.reasons import Reason, ReasonCode
from octobot.policy.config.read import for_package, read

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def policy(text: str, name: str = "openssl") -> PackagePolicy:
    """Read a file and boil it down for one package."""
    config = read(text)
    assert isinstance(config, Config)
    return for_package(config, name)


def test_an_age_for_each_size_of_jump() -> None:
    """What a size does not set it inherits from above, and at last from the default."""
    text = (
        "minimum-release-age: {major: 7d, patch: 1h}\n"
        "packages:\n"
        "  - {match: 'open*', minimum-release-age: {minor: 2d}}\n"
        "  - {match: openssh, minimum-release-age: 30m}\n"
    )
    assert policy(text).ages == Ages(7 * DAY, 2 * DAY, HOUR)
    assert policy(text).minimum_release_age == 7 * DAY
    assert policy(text, "openssh").ages == Ages(HOUR / 2, HOUR / 2, HOUR / 2)
    assert policy(text, "curl").ages == Ages(7 * DAY, DAY, HOUR)


def test_the_age_of_urgent_fixes_is_optional() -> None:
    """Nothing is shortened unless the file says so."""
    assert policy("").vulnerability_release_age is None
    text = (
        "vulnerability-release-age: 6h\n"
        "packages: [{match: curl, vulnerability-release-age: 0s, largest-jump: 3}]\n"
    )
    assert policy(text).vulnerability_release_age == 6 * HOUR
    assert policy(text, "curl").vulnerability_release_age == timedelta(0)
    assert (policy(text).largest_jump, policy(text, "curl").largest_jump) == (1, 3)


def test_packages_that_need_a_person_are_listed_once() -> None:
    """The list at the top is for all; a rule for a package has the last word."""
    text = (
        "approval: ['glibc*', 'openssl*']\n"
        "packages: [{match: openssl-doc, approval: false}, {match: curl, approval: true}]\n"
    )
    wanted = {name: policy(text, name).approval for name in ("glibc-dev", "openssl-doc", "curl")}
    assert wanted == {"glibc-dev": True, "openssl-doc": False, "curl": True}
    assert not policy(text, "lib-glibc").approval


def test_a_status_is_required_with_who_sets_it() -> None:
    """A status item is no check item: it has a creator in place of an App."""
    config = read("required-checks:\n  - {status: legal, creator: 7}\n")
    assert isinstance(config, Config)
    assert config.required_checks == (RequiredCheck("legal", None, 7),)


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ("{status: legal}", "creator is missing"),
        ("{creator: 7}", "status is missing"),
        ("{name: build}", "app is missing"),
        ("{app: 1}", "name is missing"),
        ("{}", "name is missing"),
        ("{status: legal, creator: 7, app: 1}", "a check and a status"),
        ("{name: build, app: 1, creator: 7}", "status is missing"),
        ("{name: build, app: 1, status: legal, creator: 7}", "a check and a status"),
    ],
)
def test_a_required_check_is_one_thing(item: str, says: str) -> None:
    """Half an item, or two in one, is refused with what is missing."""
    reason = read(f"required-checks:\n  - {item}\n")
    assert isinstance(reason, Reason)
    assert reason.code is ReasonCode.BAD_CONFIG
    assert says in reason.detail


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("minimum-release-age: {}", "nothing is set here; add one of major, minor, patch"),
        ("packages: [{match: a, datasource: pypi}]", "go together"),
        ("packages: [{match: a, identifier: a, hold: x}]", "go together"),
        ("minimum-release-age: {huge: 1d}", "not a key"),
        ("minimum-release-age: {major: 1}", "not a duration"),
        ("vulnerability-release-age: {major: 1d}", "not a duration"),
        ("merge-by: hand", "api, queue, auto"),
        ("largest-jump: many", "whole number"),
        ("largest-jump: -1", "whole number"),
        ("approval: openssl", "expected a list"),
        ("new-pull-requests-per-hour: 1.5", "whole number"),
    ],
)
def test_a_wrong_value_is_refused(line: str, says: str) -> None:
    """No guess is made about what controls merges."""
    reason = read(f"{line}\n")
    assert isinstance(reason, Reason)
    assert says in reason.detail

from datetime import timedelta

import pytest

from octobot.model.config import Config, ConfigFile, PackageRule
from octobot.model.ids import Sha
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.policy.config.join import brakes, joined
from octobot.policy.config.read import PATH

ABOVE = f"distro/.github: {PATH}"


def own(text: str | None, number: int = 1) -> ConfigFile:
    """Make the repository's own file."""
    return ConfigFile(PATH, Sha(f"{number:040x}"), text)


def above(text: str | None, number: int = 2) -> ConfigFile:
    """Make the organisation's file."""
    return ConfigFile(ABOVE, Sha(f"{number:040x}"), text)


GOOD = own("automerge: false\n", 7)


def test_no_file_means_the_defaults() -> None:
    """And what was there before counts no more."""
    found = joined((), (GOOD,))
    assert (found.config, found.good, found.broken) == (Config(), (), ())


def test_the_repository_overrides_its_organisation() -> None:
    """Key by key; rules and approvals of both hold, the repository's being the later ones."""
    files = (
        above(
            "merge-method: rebase\nminimum-release-age: 2d\napproval: [glibc]\n"
            "packages: [{match: 'a*', automerge: false}]\n"
        ),
        own(
            "minimum-release-age: 1h\napproval: [gcc]\npackages: [{match: abc, automerge: true}]\n"
        ),
    )
    found = joined(files, ())
    assert found.config == Config(
        merge_method="rebase",
        minimum_release_age=timedelta(hours=1),
        approval=("glibc", "gcc"),
        packages=(PackageRule("a*", automerge=False), PackageRule("abc", automerge=True)),
    )
    assert found.good == (own(files[1].text), above(files[0].text))
    assert found.broken == ()


@pytest.mark.parametrize(
    ("organisation", "repository", "paused"),
    [
        ("paused: true", "paused: false", True),
        ("paused: false", "paused: true", True),
        ("paused: true", "", True),
        ("paused: false", "", False),
        ("", "paused: false", False),
    ],
)
def test_either_may_pause(organisation: str, repository: str, *, paused: bool) -> None:
    """A repository cannot continue when its organisation stops everything."""
    found = joined((above(organisation), own(repository)), ())
    assert isinstance(found.config, Config)
    assert found.config.paused is paused


def test_a_broken_file_leaves_the_last_good_one() -> None:
    """It holds as a whole, and the fault goes with it."""
    found = joined((own("automerge: flase\n"),), (GOOD,))
    fault = Reason(
        ReasonCode.BAD_CONFIG,
        "'flase' is neither; write true or false, without quotes",
        Where(PATH, 1),
    )
    assert found.config == Config(automerge=False, fault=fault)
    assert found.good == (GOOD,)
    (broken,) = found.broken
    assert (broken.last, broken.brakes) == (GOOD, False)


def test_a_broken_file_that_was_never_good_leaves_nothing() -> None:
    """Its author wants something, and octobot does not know what: nothing is merged."""
    found = joined((above("paused: false\n"), own("automerge: flase\n")), (above("", 3),))
    assert isinstance(found.config, Reason)
    assert found.config.where == Where(PATH, 1)
    assert found.good == (above("paused: false\n"),)


def test_a_broken_file_of_the_organisation_is_named_by_its_place() -> None:
    """Whoever reads the reason must find the file."""
    found = joined((above("x: 1\n"), own("")), (GOOD,))
    assert isinstance(found.config, Reason)
    assert found.config.where == Where(ABOVE, 1)
    kept = joined((above("x: 1\n"), own("")), (above("automerge: false\n", 4),))
    assert isinstance(kept.config, Config)
    assert kept.config.automerge is False
    assert kept.config.fault is not None


def test_what_is_no_text_is_broken() -> None:
    """A folder, a link, a file that is too large or not UTF-8."""
    found = joined((own(None),), ())
    assert isinstance(found.config, Reason)
    assert "UTF-8" in found.config.detail
    assert joined((own(None),), (GOOD,)).good == (GOOD,)


def test_what_was_good_for_an_older_octobot_is_not_good_for_ever() -> None:
    """A last good file that this octobot cannot read leaves nothing to rely on."""
    found = joined((own("automerge: flase\n"),), (own("former-key: 1\n"),))
    assert isinstance(found.config, Reason)
    assert "former-key" in found.config.detail


@pytest.mark.parametrize(
    "text",
    [
        "paused: true\nautomrge: x\n",
        "paused: yes\n",
        "paused: 'true'\n",
        "paused:\n",
        "pause: true\n",
        "Paused: true\n",
        '"paused": true\nx: 1\n',
        "x: 1\n  paused: true\n",
        "packages:\n  - paused: true\n",
        "{paused: true, automrge: x}\n",
        "x: [\npaused: true # please\n",
        "paused: falsee\n",
        "x: 1\r\npaused: true\r\n",
    ],
)
def test_a_broken_file_that_speaks_of_pausing_pauses(text: str) -> None:
    """An emergency stop works in spite of a spelling mistake."""
    assert brakes(text)
    found = joined((own(text),), (GOOD,))
    assert isinstance(found.config, Config)
    assert found.config.paused
    assert found.config.fault is not None


@pytest.mark.parametrize(
    "text",
    [
        "automrge: true\n",
        "paused: false\nautomrge: true\n",
        'paused: "false"\n',
        "paused: false # true: nothing is merged\nx: 1\n",
        "# paused: true\nx: 1\n",
        "{paused: false, x: 1}\n",
        "hold: paused for now\n",
        "unpaused: true\n",
    ],
)
def test_a_broken_file_that_does_not_want_to_pause_does_not(text: str) -> None:
    """A comment, a text and a plain `false` are no brake."""
    assert not brakes(text)
    found = joined((own(text),), (GOOD,))
    assert isinstance(found.config, Config)
    assert not found.config.paused

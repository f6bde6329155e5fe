from datetime import UTC, datetime, timedelta

from octobot.model.config import ConfigFile, ConfigIssue
from octobot.model.ids import Key, RepositoryId, Sha
from octobot.model.reasons import Reason, ReasonCode
from octobot.store.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DISTRO, OTHER = RepositoryId(101), RepositoryId(102)
OWN = ConfigFile(".github/octobot.yaml", Sha("a" * 40), "paused: false\n")
ABOVE = ConfigFile("distro/.github: .github/octobot.yaml", Sha("b" * 40), "# \u2603\n")


async def test_the_good_files_are_exactly_the_last_ones(store: Store) -> None:
    """Of each repository by itself, by path; what is not among them is forgotten."""
    assert await store.config_files.good(DISTRO) == ()
    await store.config_files.keep(DISTRO, [ABOVE, OWN])
    await store.config_files.keep(OTHER, [OWN])
    assert await store.config_files.good(DISTRO) == (OWN, ABOVE)
    await store.config_files.keep(DISTRO, [ABOVE])
    assert await store.config_files.good(DISTRO) == (ABOVE,)
    await store.config_files.keep(DISTRO, [])
    assert await store.config_files.good(DISTRO) == ()
    assert await store.config_files.good(OTHER) == (OWN,)


async def test_what_waits_is_due_when_the_settings_change(store: Store) -> None:
    """What rests until a hint comes stays at rest."""
    specs = {f"{name}.yaml": (Sha(digit * 40), name) for name, digit in (("a", "1"), ("b", "2"))}
    for repository in (DISTRO, OTHER):
        await store.specs.put(repository, specs, [])
    later = NOW + timedelta(hours=1)
    for key, due in (
        (Key(DISTRO, "a"), later),
        (Key(DISTRO, "b"), None),
        (Key(OTHER, "a"), later),
    ):
        row = await store.packages.begin(key, now=NOW)
        assert row
        reason = Reason(ReasonCode.UP_TO_DATE)
        await store.packages.record(
            key, generation=row.generation, reason=reason, due=due, issue=None
        )
    await store.config_files.keep(DISTRO, [OWN])
    rows = [
        await store.packages.row(key)
        for key in (Key(DISTRO, "a"), Key(DISTRO, "b"), Key(OTHER, "a"))
    ]
    assert [row is not None and row.due < NOW for row in rows] == [True, False, False]


async def test_one_process_takes_it_upon_itself_to_report(store: Store) -> None:
    """The same words once; an intent that nobody fulfilled is free again after a while."""
    assert await store.config_files.issue(DISTRO) is None
    assert await store.config_files.intend_issue(DISTRO, "x", now=NOW)
    assert not await store.config_files.intend_issue(DISTRO, "x", now=NOW + timedelta(minutes=9))
    assert await store.config_files.intend_issue(DISTRO, "x", now=NOW + timedelta(minutes=11))
    await store.config_files.enter_issue(DISTRO, "other", 6)
    assert await store.config_files.issue(DISTRO) == ConfigIssue("x", None)
    await store.config_files.enter_issue(DISTRO, "x", 7)
    assert await store.config_files.issue(DISTRO) == ConfigIssue("x", 7)
    assert not await store.config_files.intend_issue(DISTRO, "x", now=NOW + timedelta(days=9))
    assert await store.config_files.intend_issue(DISTRO, "y", now=NOW)
    assert await store.config_files.issue(DISTRO) == ConfigIssue("y", 7)
    await store.config_files.forget_issue(DISTRO)
    assert await store.config_files.issue(DISTRO) is None

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from octobot.model.bump import Proposed
from octobot.model.errors import TryLater
from octobot.model.ids import RepositoryId, Sha, Version
from octobot.store.store import Store

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DISTRO = RepositoryId(101)
OTHER = RepositoryId(102)
A, B, C = (Sha(each * 40) for each in "abc")
BRANCH = "octobot/zlib/1.3.2"
INTENT = Proposed(
    package="zlib",
    version=Version("1.3.2"),
    branch=BRANCH,
    base=A,
    blob=B,
    head=None,
    number=None,
    state="intended",
    at=NOW,
)


async def test_a_proposal_goes_from_intent_to_merge(store: Store) -> None:
    """The one row moves on; its number once known stays."""
    await store.ledger.intend(DISTRO, INTENT)
    await store.ledger.enter(DISTRO, BRANCH, C)
    await store.ledger.update_proposed(DISTRO, BRANCH, state="open", number=5)
    await store.ledger.update_proposed(DISTRO, BRANCH, state="merged", number=None)
    await store.ledger.update_proposed(DISTRO, BRANCH, state="merged", number=6)
    expected = replace(INTENT, head=C, number=5, state="merged")
    assert await store.ledger.proposed(DISTRO, "zlib") == (expected,)


async def test_an_intent_without_a_head_is_replaced(store: Store) -> None:
    """A crash before the first effect leaves an intent; the next try takes its place."""
    await store.ledger.intend(DISTRO, INTENT)
    again = replace(INTENT, base=C, at=NOW + timedelta(hours=1))
    await store.ledger.intend(DISTRO, again)
    assert await store.ledger.proposed(DISTRO, "zlib") == (again,)


async def test_an_intent_after_an_effect_is_a_further_row(store: Store) -> None:
    """What has a head is never forgotten, and the newest row is the branch's."""
    await store.ledger.intend(DISTRO, INTENT)
    await store.ledger.enter(DISTRO, BRANCH, B)
    await store.ledger.update_proposed(DISTRO, BRANCH, state="withdrawn", number=5)
    await store.ledger.intend(DISTRO, INTENT)
    await store.ledger.enter(DISTRO, BRANCH, C)
    rows = await store.ledger.proposed(DISTRO, "zlib")
    assert [(row.head, row.number, row.state) for row in rows] == [
        (C, None, "intended"),
        (B, 5, "withdrawn"),
    ]
    assert await store.ledger.heads(DISTRO, BRANCH) == {B, C}


async def test_the_ledger_is_per_repository_and_branch(store: Store) -> None:
    """A head of one place is no head of another."""
    await store.ledger.intend(DISTRO, INTENT)
    await store.ledger.enter(DISTRO, BRANCH, C)
    await store.ledger.enter(DISTRO, BRANCH, C)
    assert await store.ledger.heads(DISTRO, BRANCH) == {C}
    assert await store.ledger.heads(OTHER, BRANCH) == frozenset()
    assert await store.ledger.heads(DISTRO, "octobot/zlib/1.3.3") == frozenset()
    assert await store.ledger.packages_of(DISTRO, C) == ("zlib",)
    assert await store.ledger.packages_of(OTHER, C) == ()
    assert await store.ledger.packages_of(DISTRO, A) == ()


async def test_an_adopted_head_is_entered_with_its_intent(store: Store) -> None:
    """A row that comes with a head puts the head into the ledger."""
    await store.ledger.intend(DISTRO, replace(INTENT, head=C, number=9, state="open"))
    assert await store.ledger.heads(DISTRO, BRANCH) == {C}


async def test_states_are_counted_by_branch(store: Store) -> None:
    """A summary counts proposals, not tries."""
    for version in ("1", "2", "3"):
        intent = replace(INTENT, version=Version(version), branch=f"octobot/zlib/{version}")
        await store.ledger.intend(DISTRO, intent)
    await store.ledger.update_proposed(DISTRO, "octobot/zlib/1", state="withdrawn", number=1)
    await store.ledger.enter(DISTRO, "octobot/zlib/1", C)
    await store.ledger.intend(
        DISTRO, replace(INTENT, version=Version("1"), branch="octobot/zlib/1")
    )
    await store.ledger.update_proposed(DISTRO, "octobot/zlib/2", state="merged", number=2)
    assert await store.ledger.proposal_counts(DISTRO) == {"intended": 2, "merged": 1}
    assert await store.ledger.proposal_counts(OTHER) == {}


async def test_a_verdict_is_remembered_by_head(store: Store) -> None:
    """The digest posted last is the one that counts."""
    assert await store.posted.verdict(DISTRO, A) is None
    await store.posted.record_verdict(DISTRO, A, "one")
    await store.posted.record_verdict(DISTRO, A, "two")
    assert await store.posted.verdict(DISTRO, A) == "two"
    assert await store.posted.verdict(DISTRO, B) is None


async def test_a_stopped_line_waits_for_a_person(store: Store) -> None:
    """The first cause is kept; releasing allows merges again."""
    assert await store.repositories.merging_halted(DISTRO) is None
    await store.repositories.halt_merging(DISTRO, "another tree")
    await store.repositories.halt_merging(DISTRO, "later trouble")
    assert await store.repositories.merging_halted(DISTRO) == "another tree"
    assert await store.repositories.merging_halted(OTHER) is None
    assert await store.repositories.allow_merging(DISTRO)
    assert not await store.repositories.allow_merging(DISTRO)
    assert await store.repositories.merging_halted(DISTRO) is None


async def test_a_groups_row_is_found_by_each_of_its_packages(store: Store) -> None:
    """One row for all of them; a package that is not in it does not see it."""
    group = replace(
        INTENT,
        package="group/two",
        branch="octobot/group/two/1.3.2",
        files=(("minizip.yaml", A), ("zlib.yaml", B)),
    )
    await store.ledger.intend(DISTRO, INTENT)
    await store.ledger.update_proposed(DISTRO, BRANCH, state="withdrawn", number=3)
    await store.ledger.intend(DISTRO, group)
    before = replace(INTENT, state="withdrawn", number=3)
    assert await store.ledger.proposed(DISTRO, "zlib") == (group, before)
    assert await store.ledger.proposed(DISTRO, "minizip") == (group,)
    assert await store.ledger.proposed(DISTRO, "group/two") == (group,)
    assert await store.ledger.proposed(DISTRO, "zlib-ng") == ()


async def test_a_package_is_in_one_open_change(store: Store) -> None:
    """Another change of it is refused until the first is over, whoever begins it."""
    group = replace(
        INTENT,
        package="group/z",
        branch="octobot/group/z/1.3.2",
        files=(("zlib.yaml", B), ("zstd.yaml", C)),
    )
    await store.ledger.intend(DISTRO, INTENT)
    with pytest.raises(TryLater, match="z is in another open change"):
        await store.ledger.intend(DISTRO, group)
    assert await store.ledger.proposed(DISTRO, "group/z") == ()
    await store.ledger.intend(OTHER, group)
    newer = replace(INTENT, version=Version("1.3.3"), branch="octobot/zlib/1.3.3")
    await store.ledger.intend(DISTRO, newer)  # the same change, as it supersedes itself
    for branch in (BRANCH, newer.branch):
        await store.ledger.update_proposed(DISTRO, branch, state="superseded", number=4)
    await store.ledger.intend(DISTRO, group)
    with pytest.raises(TryLater):
        await store.ledger.intend(
            DISTRO, replace(INTENT, package="zstd", branch="octobot/zstd/1.3.2")
        )
    await store.ledger.update_proposed(DISTRO, group.branch, state="merged", number=9)
    await store.ledger.intend(DISTRO, INTENT)

"""Passes over a repository."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from octobot.flows.watch.batch import WHOLE_EVERY
from octobot.flows.watch.outcome import SHARE
from octobot.flows.watch.watch import watch
from octobot.model.ids import Key
from octobot.model.reasons import ReasonCode
from tests.flows.watching import CHECKOUT, DISTRO, GITHUB, MINUTE, OTHER, Stage, sha


async def test_an_unchanged_upstream_leaves_no_trace(stage: Stage) -> None:
    """One query, no hint, and nothing but the time of the next look is written."""
    await stage.look()
    assert stage.lanes.hinted == ["a"]
    before = await stage.row()
    assert await stage.look() == ["o/a"]
    assert stage.lanes.hinted == []
    assert await stage.row() == replace(before, look_due=stage.now + MINUTE)


async def test_news_of_one_are_found_among_many(stage: Stage) -> None:
    """Only the package whose upstream published is concluded again and hinted."""
    for number in range(5):
        stage.upstreams.tags[f"o/{number}"] = ["v1.0"]
        stage.given(f"p{number}", "1.0", GITHUB.format(f"o/{number}"))
    await stage.look()
    stage.upstreams.tags["o/3"].insert(0, "v1.1")
    await stage.look()
    assert stage.lanes.hinted == ["p3"]
    row = await stage.row("p3")
    assert row.target
    assert (row.reason.code, row.target.version) == (ReasonCode.UPDATE_FOUND, "1.1")


async def test_a_changed_spec_is_concluded_from_what_was_shown_before(stage: Stage) -> None:
    """The upstream is asked whether it changed, and nothing of it is read again."""
    stage.upstreams.tags["o/a"] = ["v1.1", *(f"v0.{n}" for n in range(150))]
    await stage.look()
    assert (await stage.row()).target
    stage.given("a", "1.1", GITHUB.format("o/a"))
    assert await stage.look() == ["o/a"]
    row = await stage.row()
    assert (row.reason.code, row.target) == (ReasonCode.UP_TO_DATE, None)


async def test_packages_and_repositories_share_an_upstream(stage: Stage) -> None:
    """Two packages, one of them by its git address, and a second distro: asked once a minute."""
    stage.given("b", "0.9", "git:\n    tag-filter-prefix: v")
    stage.distro.specs["b"] += CHECKOUT.format("https://github.com/O/a.git", "v0.9")
    assert await stage.look() == ["o/a"]
    assert (await stage.row("b")).reason.code is ReasonCode.UPDATE_FOUND
    stage.upstreams.asked.clear()
    await watch(stage.world(OTHER))
    assert stage.upstreams.asked == []
    other = await stage.store.packages.row(Key(OTHER.id, "b"))
    assert other
    assert other.reason.code is ReasonCode.UPDATE_FOUND


async def test_other_hosts_have_a_pass_of_their_own(stage: Stage) -> None:
    """A slow host is not waited for by GitHub's pass, and is asked every ten minutes at most."""
    url = "https://git.example.org/far.git"
    stage.upstreams.tags[url] = ["v1.0"]
    stage.given("far", "1.0", "git:")
    stage.distro.specs["far"] += CHECKOUT.format(url, "v1.0")
    assert await stage.look(far=False) == ["o/a"]
    assert await stage.look(far=True, after=timedelta()) == [url]
    assert (await stage.row("far")).reason.code is ReasonCode.UP_TO_DATE
    assert await stage.look(after=MINUTE * 9) == ["o/a"]
    assert await stage.look(after=MINUTE * 4) == [url, "o/a"]


async def test_no_answer_keeps_the_target_and_heals_by_itself(stage: Stage) -> None:
    """An outage changes the reason at most; the first answer afterwards puts it right."""
    stage.upstreams.tags["o/a"].insert(0, "v1.1")
    await stage.look()
    target = (await stage.row()).target
    stage.upstreams.away = True
    await stage.look()
    assert (await stage.row()).target == target
    stage.upstreams.tags["o/a"].insert(0, "v1.2")
    stage.upstreams.away = False
    await stage.look()
    healed = (await stage.row()).target
    assert healed
    assert healed.version == "1.2"


async def test_an_outage_at_the_first_look_is_said_and_then_forgotten(stage: Stage) -> None:
    """The reason names it as long as it lasts, and no longer."""
    stage.upstreams.away = True
    await stage.look()
    assert (await stage.row()).reason.code is ReasonCode.UPSTREAM_UNREACHABLE
    stage.upstreams.away = False
    await stage.look()
    assert (await stage.row()).reason.code is ReasonCode.UP_TO_DATE


async def test_a_withdrawn_target_is_given_up_at_the_second_look(stage: Stage) -> None:
    """Deleted once may be a glitch; deleted twice in a row is the publisher's word."""
    stage.upstreams.tags["o/a"].insert(0, "v1.1")
    await stage.look()
    stage.upstreams.tags["o/a"].remove("v1.1")
    await stage.look()
    row = await stage.row()
    assert (row.reason.code, row.missed) == (ReasonCode.UPDATE_FOUND, 1)
    assert row.target
    await stage.look()
    row = await stage.row()
    assert (row.reason.code, row.target) == (ReasonCode.WITHDRAWN_UPSTREAM, None)
    assert stage.lanes.hinted == ["a"]


async def test_a_glitch_between_two_looks_is_forgotten(stage: Stage) -> None:
    """Missed, failed, shown again, missed: that is one look in a row, not two."""
    stage.upstreams.tags["o/a"].insert(0, "v1.1")
    await stage.look()
    for _ in range(2):
        stage.upstreams.tags["o/a"].remove("v1.1")
        await stage.look()
        stage.upstreams.away = True
        await stage.look()
        stage.upstreams.away = False
        stage.upstreams.tags["o/a"].insert(0, "v1.1")
        await stage.look()
        row = await stage.row()
        assert row.target
        assert (row.reason.code, row.missed) == (ReasonCode.UPDATE_FOUND, 0)


async def test_a_tag_that_comes_back_elsewhere_freezes_its_package(stage: Stage) -> None:
    """Deleted and recreated at another commit: a person must look."""
    stage.upstreams.tags["o/a"].insert(0, "v1.1")
    await stage.look()
    stage.upstreams.tags["o/a"].remove("v1.1")
    await stage.look()
    stage.upstreams.tags["o/a"].insert(0, "v1.1")
    stage.upstreams.moved["v1.1"] = sha("other")
    await stage.look()
    assert (await stage.row()).reason.code is ReasonCode.TAG_MOVED
    await stage.look()
    assert (await stage.row()).reason.code is ReasonCode.TAG_MOVED


async def test_a_tag_that_moved_far_down_the_list_is_found_within_a_day(stage: Stage) -> None:
    """Neither its name nor the count differs: only a reading to the end shows it."""
    stage.upstreams.tags["o/a"] = [f"v1.{n}" for n in range(61)]
    await stage.look()
    stage.upstreams.moved["v1.60"] = sha("other")
    await stage.look()
    assert (await stage.row()).reason.code is ReasonCode.UPDATE_FOUND
    await stage.look(after=WHOLE_EVERY)
    assert (await stage.row()).reason.code is ReasonCode.TAG_MOVED


async def test_a_name_that_nobody_relies_on_may_move(stage: Stage) -> None:
    """Neither the target's tag nor the spec's own: a rolling `v1.1` is no alarm."""
    stage.upstreams.tags["o/a"] = ["v1.2", "v1.1", "v1.0"]
    await stage.look()
    stage.upstreams.moved["v1.1"] = sha("other")
    await stage.look()
    assert (await stage.row()).reason.code is ReasonCode.UPDATE_FOUND
    stage.upstreams.moved["v1.0"] = sha("other")
    await stage.look()
    assert (await stage.row()).reason.code is ReasonCode.TAG_MOVED


async def test_points_kept_for_writes_put_looks_off_to_the_next_hour(stage: Stage) -> None:
    """Those that were not asked conclude nothing, and come back when there are points again."""
    for number in range(120):
        stage.upstreams.tags[f"o/{number}"] = ["v1.0"]
        stage.given(f"p{number}", "1.0", GITHUB.format(f"o/{number}"))
    stage.upstreams.remaining = 900
    await stage.look()
    rows = await stage.store.packages.rows(DISTRO.id)
    left = [row for row in rows if row.reason.code is ReasonCode.NOT_LOOKED_YET]
    assert len(left) == 21
    assert {row.look_due for row in left} == {datetime(2026, 3, 1, 12, 40, tzinfo=UTC)}
    stage.upstreams.remaining = 5000
    await stage.look(after=timedelta(minutes=45))
    assert (await stage.row(left[0].key.package)).reason.code is ReasonCode.UP_TO_DATE


async def test_a_pass_that_died_is_taken_up_where_it_was(stage: Stage) -> None:
    """What it had at hand is due again at once for the process that starts next."""
    await stage.look()
    stage.now += MINUTE * 2
    assert await stage.store.schedule.due(DISTRO.id, far=False, now=stage.now, limit=9)
    assert await stage.look() == []
    assert await stage.store.schedule.requeue_unfinished() == 1
    assert await stage.look() == ["o/a"]


@pytest.mark.parametrize("block", [GITHUB.format("old/name"), "git:"])
async def test_a_renamed_repository_is_followed_by_its_id(stage: Stage, block: str) -> None:
    """Its owner renamed it; whoever takes the old name later has another id."""
    stage.upstreams.tags["new/name"] = ["v1.1", "v1.0"]
    stage.upstreams.renamed["old/name"] = "new/name"
    stage.upstreams.ids["new/name"] = 7
    stage.given("moved", "1.0", block)
    stage.distro.specs["moved"] += CHECKOUT.format("https://github.com/old/name", "v1.0")
    assert await stage.look() == ["new/name", "o/a"]
    assert (await stage.row("moved")).reason.code is ReasonCode.UPDATE_FOUND
    del stage.upstreams.renamed["old/name"]
    stage.upstreams.tags["old/name"] = ["v1.2", "v1.1", "v1.0"]
    stage.upstreams.ids["old/name"] = 8
    await stage.look()
    reason = (await stage.row("moved")).reason
    assert (reason.code, reason.detail) == (
        ReasonCode.UPSTREAM_REPLACED,
        "old/name was repository 7, then 8",
    )


async def test_a_specs_schedule_is_kept(stage: Stage) -> None:
    """A weekly package is asked for once a week."""
    stage.distro.specs["a"] += "  schedule:\n    period: weekly\n    reason: slow\n"
    assert await stage.look() == ["o/a"]
    assert await stage.look(after=timedelta(days=6)) == []
    assert await stage.look(after=timedelta(days=2)) == ["o/a"]


async def test_one_busy_host_does_not_hold_up_the_others(stage: Stage) -> None:
    """A pass asks a host for its share; the next pass continues where this one stopped."""
    urls = [f"https://busy.example.org/{number}.git" for number in range(SHARE + 10)]
    urls.append("https://quiet.example.org/x.git")
    for number, url in enumerate(urls):
        stage.upstreams.tags[url] = ["v1.0"]
        stage.given(f"p{number}", "1.0", "git:")
        stage.distro.specs[f"p{number}"] += CHECKOUT.format(url, "v1.0")
    first = await stage.look()
    assert len(first) == SHARE + 2
    assert "https://quiet.example.org/x.git" in first
    second = await stage.look()
    assert len(second) == 11
    assert sorted({*first, *second}) == sorted([*urls, "o/a"])


async def test_a_pass_says_whether_it_left_turns_to_the_next_one(stage: Stage) -> None:
    """Only a host with more than its share leaves work; the next pass need not wait for it."""
    for number in range(SHARE + 1):
        url = f"https://busy.example.org/{number}.git"
        stage.upstreams.tags[url] = ["v1.0"]
        stage.given(f"p{number}", "1.0", "git:")
        stage.distro.specs[f"p{number}"] += CHECKOUT.format(url, "v1.0")
    await stage.look(far=False)
    left = []
    for _ in range(2):
        stage.now += MINUTE
        left.append((await watch(stage.world(), other_hosts=True)).more)
    assert left == [True, False]
    assert not (await watch(stage.world(), other_hosts=False)).more


async def test_news_do_not_wait_for_what_is_unchanged(stage: Stage) -> None:
    """What has no news is recorded in hundreds, and none of it stays leased behind the pass."""
    for number in range(105):
        url = f"https://host{number}.example.org/x.git"
        stage.upstreams.tags[url] = ["v1.0"]
        stage.given(f"p{number}", "1.0", "git:")
        stage.distro.specs[f"p{number}"] += CHECKOUT.format(url, "v1.0")
    await stage.look()
    asked = await stage.look(after=MINUTE * 20)
    assert len(asked) == 106
    rows = [await stage.row(f"p{number}") for number in range(105)]
    assert {row.look_due > stage.now for row in rows} == {True}
    assert await stage.store.schedule.requeue_unfinished() == 0

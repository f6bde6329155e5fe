"""When to look again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from octobot.flows.watch.schedule import (
    A_QUERY,
    GITHUB,
    POINTS_AN_HOUR,
    SLOWEST,
    TURNS_A_SECOND,
    USUAL,
    github_budget,
    hosts_budget,
    rate,
    rhythm_of,
    spread,
)
from octobot.model.ids import Version
from octobot.model.package import Package, Schedule, UpdateBlock, Upstream

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEN = timedelta(minutes=10)
PACKAGE = Package("a", Version("1"), 0, "a.yaml", UpdateBlock(), None)


def seen(*days: float) -> list[datetime]:
    """Return moments so many days ago."""
    return [NOW - timedelta(days=each) for each in days]


def test_the_rate_begins_with_what_is_usual_and_follows_what_is_seen() -> None:
    """Nothing known: one release in thirty days; much known: what was seen, nearly."""
    assert rate((), NOW) == rate(seen(0), NOW) == pytest.approx(1 / 30)
    assert rate(seen(300), NOW) == pytest.approx(1 / 330)
    daily = rate(seen(*range(1000)), NOW)
    assert 0.9 < daily < 1


def test_an_upstream_that_releases_often_is_asked_often() -> None:
    """By the inverse square root of the rate, within bounds: nobody is forgotten."""
    assert rhythm_of(PACKAGE, TEN, (), NOW) == TEN * USUAL
    assert rhythm_of(PACKAGE, TEN, seen(0, 1, 2, 3, 4, 5, 6, 7, 8), NOW) == TEN
    assert rhythm_of(PACKAGE, TEN, seen(400, 800), NOW) == TEN * SLOWEST
    weekly, monthly = seen(2, 9, 16, 23, 30, 37), seen(5, 35, 65, 95, 125, 155)
    rhythms = [rhythm_of(PACKAGE, TEN, each, NOW) for each in (weekly, monthly)]
    assert TEN < rhythms[0] < rhythms[1] < TEN * SLOWEST
    rates = [rate(each, NOW) for each in (weekly, monthly)]
    assert (rhythms[1] / rhythms[0]) ** 2 == pytest.approx(rates[0] / rates[1])


def test_the_specs_schedule_goes_before_the_rhythm() -> None:
    """`schedule: weekly` is honoured whatever upstream does, and whatever the budget is."""
    weekly = replace(PACKAGE, update=UpdateBlock(schedule=Schedule("weekly")))
    rhythm = rhythm_of(weekly, TEN, seen(0, 1), NOW)
    assert rhythm == timedelta(weeks=1)
    for demand in (0, 10_000):
        assert github_budget(demand).wait(rhythm, TEN, GITHUB) == rhythm


def test_a_long_shortest_pause_is_kept() -> None:
    """An operator who asks once in two days is no spec that wants whole days."""
    for shortest in (timedelta(hours=6), timedelta(days=2)):
        rhythm = rhythm_of(PACKAGE, shortest, (), NOW)
        assert github_budget(0).wait(rhythm, shortest, GITHUB) == shortest


def test_each_upstream_has_its_own_length_and_always_the_same() -> None:
    """Spread by the name, not by dice: never shorter, at most a fifth longer."""
    hosts = [Upstream("git", f"https://example.org/{n}.git", "tags") for n in range(50)]
    lengths = [spread(TEN, one) for one in hosts]
    assert lengths == [spread(TEN, one) for one in hosts]
    assert TEN <= min(lengths) < max(lengths) <= TEN * 1.2
    assert len(set(lengths)) > 40


@pytest.mark.parametrize("upstreams", [20_000, 200_000])
@pytest.mark.parametrize("often", [0.0, 0.1, 0.9])
def test_an_hour_of_checks_costs_what_it_may(upstreams: int, often: float) -> None:
    """Whatever their number, and however many release often."""
    shortest = timedelta(seconds=1)
    counts = {shortest: upstreams * often, shortest * SLOWEST: upstreams * (1 - often)}
    demand = sum(count / rhythm.total_seconds() for rhythm, count in counts.items())
    budget, hour = github_budget(demand), timedelta(hours=1)
    checks = sum(
        count * (hour / budget.wait(rhythm, shortest, GITHUB)) for rhythm, count in counts.items()
    )
    assert checks / A_QUERY == pytest.approx(POINTS_AN_HOUR)


def test_with_room_enough_everybody_has_the_shortest_pause() -> None:
    """A small distro is asked at every tick, however seldom its upstreams release."""
    minute = timedelta(minutes=1)
    for rhythm in (minute, minute * USUAL, minute * SLOWEST):
        assert github_budget(3000 / 240).wait(rhythm, minute, GITHUB) == minute


def test_a_crowded_host_makes_only_its_own_upstreams_wait() -> None:
    """Each host has its turns; those that release often get more of them."""
    crowd = {Upstream("release-monitor", str(n), "tags"): TEN * USUAL for n in range(2000)}
    alone = Upstream("git", "https://example.org/a.git", "tags")
    budget = hosts_budget({**crowd, alone: TEN * USUAL})
    assert budget.wait(TEN * USUAL, TEN, "example.org") == TEN
    waits = [budget.wait(rhythm, TEN, "release-monitor") for rhythm in (TEN, TEN * USUAL)]
    assert waits[1].total_seconds() == pytest.approx(2000 / TURNS_A_SECOND)
    assert waits[0] == waits[1] / USUAL

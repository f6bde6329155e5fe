"""When to look again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from octobot.flows.watch.schedule import POINTS_AN_HOUR, pause, spread, stretch
from octobot.model.ids import Version
from octobot.model.package import Package, Schedule, UpdateBlock, Upstream

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEN = timedelta(minutes=10)
PACKAGE = Package("a", Version("1"), 0, "a.yaml", UpdateBlock(), None)


def seen(*days: float) -> list[datetime]:
    """Return moments so many days ago."""
    return [NOW - timedelta(days=each) for each in days]


def test_an_unknown_rhythm_is_taken_for_a_quick_one() -> None:
    """All names of a first look were seen at once: that says nothing."""
    assert pause(PACKAGE, TEN, (), NOW) == TEN
    assert pause(PACKAGE, TEN, seen(500), NOW) == TEN


def test_a_slow_upstream_is_asked_less_often_within_bounds() -> None:
    """Daily releases: as often as allowed; yearly ones: never less than four times in five."""
    assert pause(PACKAGE, TEN, seen(0, 1, 2), NOW) == TEN
    assert TEN < pause(PACKAGE, TEN, seen(0, 1.5, 3, 6), NOW) < TEN * 1.25
    assert pause(PACKAGE, TEN, seen(400, 800), NOW) == TEN * 1.25


def test_the_specs_schedule_goes_before_the_rhythm() -> None:
    """`schedule: weekly` is honoured whatever upstream does."""
    weekly = UpdateBlock(schedule=Schedule("weekly"))
    assert pause(replace(PACKAGE, update=weekly), TEN, seen(0, 1), NOW) == timedelta(weeks=1)


def test_each_upstream_has_its_own_length_and_always_the_same() -> None:
    """Spread by the name, not by dice: never shorter, at most a fifth longer."""
    hosts = [Upstream("git", f"https://example.org/{n}.git", "tags") for n in range(50)]
    lengths = [spread(TEN, one) for one in hosts]
    assert lengths == [spread(TEN, one) for one in hosts]
    assert TEN <= min(lengths) < max(lengths) <= TEN * 1.2
    assert len(set(lengths)) > 40


def test_more_upstreams_than_the_points_allow_are_looked_at_less_often() -> None:
    """Whatever their number, an hour of looks costs the same."""
    assert stretch(0) == timedelta()
    for upstreams in (2_000, 20_000, 200_000):
        looks = timedelta(hours=1) / stretch(upstreams)
        assert round(looks * upstreams / 100) == POINTS_AN_HOUR

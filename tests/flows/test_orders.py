"""People's orders, applied to what was gathered: values in, values out."""

from dataclasses import replace
from datetime import timedelta

from octobot.flows.ordered_steps import Orders
from octobot.flows.orders import apply_orders, apply_to_package
from octobot.flows.view import OrderedSteps, PullOrder, View
from octobot.model.config import Config
from octobot.model.memory import Sighting
from octobot.model.orders import (
    Acceptance,
    Closing,
    Hold,
    Ignore,
    Issued,
    PackageOrders,
    Pause,
    Rebuild,
    Recreate,
    Wish,
)
from octobot.model.reasons import ReasonCode
from octobot.model.release import Observation
from octobot.policy.config.read import for_package
from tests.flows.test_decide import NOW, ONE, PULL, TARGET, THREE, TWO, VIEW, past

ANN = Issued(1, "ann", NOW)
OPEN = replace(VIEW, pulls=(PULL,))


def ordered(view: View, **orders: PackageOrders) -> View:
    """The view with these orders applied; `everyone` is its members."""
    named: Orders = {name.removeprefix("all"): each for name, each in orders.items()}
    return apply_orders(view, named, view.members, now=NOW)


def test_without_orders_nothing_changes() -> None:
    """What was gathered is what is decided on."""
    assert ordered(OPEN) == OPEN


def test_a_hold_and_a_pause_become_settings() -> None:
    """The decision and the verdict read them as if the repository's file had them."""
    config = ordered(VIEW, hello=PackageOrders(hold=Hold("new ABI", None, ANN))).config
    assert isinstance(config, Config)
    assert for_package(config, "hello").hold == "ann: new ABI"
    assert for_package(config, "other").hold is None
    paused = ordered(VIEW, all=PackageOrders(paused=Pause(ANN))).config
    assert isinstance(paused, Config)
    assert paused.paused


def test_an_expired_hold_holds_nothing() -> None:
    """It ends by itself."""
    hold = Hold("new ABI", NOW - timedelta(hours=1), ANN)
    assert ordered(VIEW, hello=PackageOrders(hold=hold)).config == Config()


def test_an_ignored_version_is_no_target() -> None:
    """The row says who ignores it, and the open pull request of it is to be closed."""
    view = ordered(OPEN, hello=PackageOrders(ignored=(Ignore("1.1", ANN),)))
    (member,) = view.members
    assert member.row.target is None
    assert (member.row.reason.code, member.row.reason.detail) == (ReasonCode.IGNORED, "1.1, by ann")
    assert view.ordered.ignored == (PullOrder(PULL, "ann"),)


def test_a_wish_is_the_target_and_forgets_what_ended_before() -> None:
    """It goes before an ignored version, and closed pull requests do not count against it."""
    wish = Wish(TARGET, (7,), ANN)
    orders = PackageOrders(wish=wish, ignored=(Ignore("1.1", ANN),))
    view = ordered(replace(OPEN, history=(past("closed-by-person"),)), hello=orders)
    assert view.members[0].row.target == wish.target
    assert view.history == ()
    assert view.ordered == OrderedSteps(newest=True)


def test_a_pull_request_is_closed_or_recreated_as_ordered() -> None:
    """By its number, or by exactly its head."""
    close = PackageOrders(closing=Closing(PULL.number, ANN))
    assert ordered(OPEN, hello=close).ordered.close == PullOrder(PULL, "ann")
    recreate = PackageOrders(recreate=Recreate(PULL.head, foreign=True, issued=ANN))
    assert ordered(OPEN, hello=recreate).ordered.recreate == PullOrder(PULL, "ann", foreign=True)
    other = PackageOrders(recreate=Recreate(ONE, foreign=True, issued=ANN))
    assert ordered(OPEN, hello=other).ordered == OrderedSteps()


def test_a_rebuild_is_of_exactly_one_full_version() -> None:
    """Once the spec has another one, the order is over."""
    orders = PackageOrders(rebuild=Rebuild("1.0-r0", "abi", (), ANN))
    (rebuild,) = ordered(VIEW, hello=orders).ordered.rebuild
    assert (rebuild.reason, rebuild.member.row.target) == ("abi", None)
    over = PackageOrders(rebuild=Rebuild("0.9-r0", "abi", (), ANN))
    assert ordered(VIEW, hello=over).ordered.rebuild == ()


def test_an_accepted_move_is_the_first_sighting() -> None:
    """Only of the accepted commit; its age counts from then."""
    seen = Sighting(Observation("v1.1", ONE, None, NOW - timedelta(days=9)), TWO)
    member = replace(VIEW.members[0], sightings={"v1.1": seen})
    orders = PackageOrders(accepted=(Acceptance("v1.1", TWO, ANN),))
    found = apply_to_package(member, {"hello": orders})
    assert found.sighting == Sighting(Observation("v1.1", TWO, None, NOW), None)
    assert found.row.target
    assert found.row.target.release.commit == TWO
    other = PackageOrders(accepted=(Acceptance("v1.1", THREE, ANN),))
    assert apply_to_package(member, {"hello": other}).sighting == seen


def test_a_sighting_is_found_by_the_name_that_was_asked_for() -> None:
    """The store cleans names that it cannot hold: a moved tag of such a name freezes as well."""
    cleaned = Sighting(Observation("v1.1?", ONE, None, NOW), TWO)
    member = replace(VIEW.members[0], sightings={"v1.1": cleaned})
    assert apply_to_package(member, {}).sighting == cleaned

"""What people ordered that is a step of its own: to close, to recreate, to rebuild, to be quick."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from octobot.flows.ownership import is_recreating, version_of
from octobot.flows.view import Found, Member, OrderedRebuild, OrderedSteps, PullOrder, View
from octobot.model.bump import Proposed
from octobot.model.orders import NO_ORDERS, Acceptance, PackageOrders
from octobot.model.package import Package
from octobot.model.reasons import Reason
from octobot.model.version import is_greater

Orders = Mapping[str, PackageOrders]
"""Package, group's lane, or nothing for the whole repository → what people ordered about it."""


def ordered_steps(
    view: View, orders: Orders, everyone: Sequence[Found], before: Sequence[Proposed]
) -> OrderedSteps:
    """Return the ordered steps of a change; `before`: its ledger rows as they are stored."""
    own = orders.get(view.key.package, NO_ORDERS)
    return OrderedSteps(
        close=_to_close(view, own),
        recreate=_to_recreate(view, own),
        ignored=_ignored(view, [orders.get(one.name, NO_ORDERS) for one in everyone]),
        rebuild=tuple(each for one in everyone for each in _rebuilds(one, orders)),
        newest=_recreates(view, own) or any(_hurries(one, orders, before) for one in view.members),
    )


def _to_close(view: View, own: PackageOrders) -> PullOrder | None:
    closing = own.closing
    wanted = (pull for pull in view.pulls if closing and pull.number == closing.number)
    pull = next(wanted, None)
    return PullOrder(pull, closing.issued.login) if pull and closing else None


def _to_recreate(view: View, own: PackageOrders) -> PullOrder | None:
    again = own.recreate
    pulls = (pull for pull in view.pulls if not is_recreating(view.history, pull))
    pull = next((pull for pull in pulls if again and pull.head == again.head), None)
    return PullOrder(pull, again.issued.login, foreign=again.foreign) if pull and again else None


def _recreates(view: View, own: PackageOrders) -> bool:
    """Return whether a person wants the open pull request recreated, which is made of the newest.

    A recreation for another base is no order: it keeps what is open.
    """
    return own.recreate is not None and any(pull.head == own.recreate.head for pull in view.pulls)


def _hurries(one: Found, orders: Orders, history: Sequence[Proposed]) -> bool:
    """Return whether a person wants a bump of this package that was not proposed since."""
    wish, package = orders.get(one.name, NO_ORDERS).wish, one.package
    if wish is None or isinstance(package, Reason):
        return False
    if wish.target:
        return is_greater(wish.target.version, package.version)
    return not any(past.number and past.at >= wish.issued.at for past in history)


def _ignored(view: View, orders: Sequence[PackageOrders]) -> tuple[PullOrder, ...]:
    """Return the pull requests whose version any member ignores, unless it is wished for."""
    wished = {one.wish.target.version for one in orders if one.wish and one.wish.target}
    pulls = [pull for pull in view.pulls if version_of(pull) not in wished]
    ignores = [(pull, [one.ignores(version_of(pull)) for one in orders]) for pull in pulls]
    found = [(pull, next(filter(None, each), None)) for pull, each in ignores]
    return tuple(PullOrder(pull, ignore.issued.login) for pull, ignore in found if ignore)


def _rebuilds(found: Found, orders: Orders) -> Sequence[OrderedRebuild]:
    """Return the rebuild that a package still needs: of exactly its full version, or for a pin."""
    own, package = orders.get(found.name, NO_ORDERS), found.package
    if isinstance(package, Reason):
        return ()
    accepted, rebuild = accepted_pins(package, own), own.rebuild
    if not accepted and (rebuild is None or rebuild.of != package.full_version):
        return ()
    return [
        OrderedRebuild(
            Member(replace(found.row, target=None), package),
            accepted=tuple((each.name, each.commit) for each in accepted),
            reason=rebuild.reason if rebuild else None,
            despite=rebuild.despite if rebuild else (),
        )
    ]


def accepted_pins(package: Package, own: PackageOrders) -> tuple[Acceptance, ...]:
    """Return the accepted moves of tags that the spec itself still pins at another commit."""
    return tuple(
        accepted
        for accepted in own.accepted
        for pin in package.pins
        if pin.ref == f"refs/tags/{accepted.name}" and pin.commit != accepted.commit
    )

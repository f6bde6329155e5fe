"""The orders of people in force: a new one replaces an older one of its kind."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from psycopg.types.json import Jsonb

from octobot.model.ids import RepositoryId
from octobot.model.orders import (
    NO_ORDERS,
    Acceptance,
    Closing,
    Hold,
    Ignore,
    Issued,
    Order,
    PackageOrders,
    Pause,
    Rebuild,
    Recreate,
    Waiver,
    Wish,
)
from octobot.store.engine.columns import clean, from_column, storable
from octobot.store.engine.database import Database
from octobot.store.packages import AT_ONCE

_ONE: Mapping[type[Order], str] = {
    Pause: "paused",
    Hold: "hold",
    Wish: "wish",
    Rebuild: "rebuild",
    Waiver: "waiver",
    Recreate: "recreate",
    Closing: "closing",
}
"""The field of `PackageOrders` that has the one order of a kind."""

_MANY: Mapping[type[Order], str] = {Ignore: "ignored", Acceptance: "accepted"}
"""The field that has all orders of a kind."""


class Orders:
    """What people ordered, by package and for all packages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def order(self, repository: RepositoryId, package: str, order: Order) -> None:
        """Record an order in place of an older one of its kind; no package: for all.

        Its package becomes due too, in case the hint is lost.
        """
        issued = order.issued
        async with self._database.connection() as connection, connection.transaction():
            await connection.execute(
                "update package set due = %s, news = true where repository = %s and name = %s",
                [AT_ONCE, repository, clean(package)],
            )
            await connection.execute(
                "insert into steering (repository, package, kind, name, value, who, login, at)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s)"
                " on conflict (repository, package, kind, name) do update set"
                " value = excluded.value, who = excluded.who, login = excluded.login,"
                " at = excluded.at where steering.at <= excluded.at",
                [
                    *(repository, clean(package), type(order).__name__, name_of(order)),
                    *(_to_value(order), issued.by, clean(issued.login), issued.at),
                ],
            )

    async def revoke(
        self, repository: RepositoryId, package: str, kind: type[Order], name: str = ""
    ) -> bool:
        """Remove an order; False when there was none."""
        return (
            await self._database.execute(
                "delete from steering where repository = %s and package = %s and kind = %s"
                " and name = %s",
                [repository, clean(package), kind.__name__, clean(name)],
            )
            > 0
        )

    async def of_package(self, repository: RepositoryId, package: str) -> PackageOrders:
        """Return every order that concerns a package."""
        found = await self.by_package(repository, (package,))
        return found.get(package, found.get("", NO_ORDERS))

    async def by_package(
        self, repository: RepositoryId, packages: Sequence[str] | None = None
    ) -> Mapping[str, PackageOrders]:
        """Return a repository's orders by package; what is for all is in each, and under ""."""
        rows = await self._database.rows(
            "select package, kind, value, who, login, at from steering"
            " where repository = %(r)s and (%(p)s::text[] is null or package = any(%(p)s))"
            " order by package, kind, at, name",
            {"r": repository, "p": None if packages is None else ["", *packages]},
        )
        orders: dict[str, list[Order]] = defaultdict(list)
        for package, kind, value, who, login, at in rows:
            orders[package].append(_to_order(kind, value, Issued(who, login, at)))
        for_all = orders.get("", [])
        return {
            package: gathered([*for_all, *own] if package else own)
            for package, own in orders.items()
        }


def name_of(order: Order) -> str:
    """Return what distinguishes an order from others of its kind for the same package."""
    match order:
        case Ignore(what=what):
            return what
        case Acceptance(name=name):
            return clean(name)
        case _:
            return ""


def gathered(orders: Iterable[Order]) -> PackageOrders:
    """Put all orders about one package together."""
    found: dict[str, Any] = {}
    for order in orders:
        kind = type(order)
        if kind in _ONE:
            found[_ONE[kind]] = order
        else:
            found[_MANY[kind]] = (*found.get(_MANY[kind], ()), order)
    return PackageOrders(**found)


_KINDS: Mapping[str, type[Order]] = {kind.__name__: kind for kind in get_args(Order)}


def _to_value(order: Order) -> Jsonb:
    """Encode an order; who issued it has columns of its own."""
    return Jsonb({name: each for name, each in storable(order).items() if name != "issued"})


def _to_order(kind: str, value: Mapping[str, Any], issued: Issued) -> Order:
    return from_column(_KINDS[kind], {**value, "issued": issued})

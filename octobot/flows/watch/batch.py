"""One batch of a pass: from the packages that are due to what their upstreams showed.

Nearly all checks find what the last one found.  A digest of all releases shows that, and neither
the spec nor the releases are read again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from octobot.flows.context import RepoContext
from octobot.flows.lookup.contain import Caught
from octobot.flows.lookup.fetch import Counted, ask_again, host_of, is_on_other_host, place
from octobot.flows.lookup.select import upstream_and_prefix
from octobot.flows.watch.identify import with_numbers, without_replaced
from octobot.flows.watch.outcome import SHARE, PassState, Work
from octobot.flows.watch.record import digest_of, record
from octobot.model.ids import Key
from octobot.model.lookup import Known, LookupResult, Postponed, Shown, Unchanged
from octobot.model.memory import Due, Memo, Remembered, Row
from octobot.model.package import Package, Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release

WHOLE_EVERY = timedelta(days=1)
"""An upstream is read to its end this often: a change far down the list shows nowhere else."""
REREAD = 100
"""Upstreams read to their end in one batch, so that no pass is held up by them: one query."""
AT_ONCE = 100
"""Upstreams without news that are recorded together: other hosts answer one by one."""
LATER = timedelta(minutes=5)
"""Until a check that was put off, when nobody said how long."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One due package, and its upstream."""

    key: Key
    upstream: Upstream
    prefix: str
    digest: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """A package and what its upstream showed."""

    asked: _Asked
    releases: Sequence[Release] | Reason | None
    """None: the same as before."""
    digest: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the package's reason rests on exactly this already."""
        return bool(self.digest) and self.asked.digest == self.digest


@dataclass(slots=True)
class _Sorted:
    """The news of some upstreams, by what is to be done."""

    later: dict[datetime | None, list[Key]] = field(default_factory=lambda: defaultdict(list))
    """When to ask again → packages to put off."""
    unchanged: list[Upstream] = field(default_factory=list)
    changed: dict[Upstream, Memo] = field(default_factory=dict)
    found: list[_Found] = field(default_factory=list)


class Batch:
    """One batch of a pass, under way."""

    def __init__(self, ctx: RepoContext, pass_: PassState) -> None:
        self._ctx, self._pass = ctx, pass_
        self._now, self._other_hosts = pass_.now, pass_.other_hosts
        self._upstreams = Counted(ctx.upstreams, pass_.tally)
        self._groups: Mapping[Upstream, Sequence[_Asked]] = {}
        self._before: Mapping[Upstream, Remembered] = {}
        self._hinted = 0
        self._same: list[Upstream] = []
        self._known: dict[str, list[Key]] = defaultdict(list)
        """Host → packages for which nothing is new; with `_same`, to be recorded together."""

    async def check(self, dues: Sequence[Due]) -> int:
        """Ask the upstreams of all these packages; return how many packages had news."""
        groups: dict[Upstream, list[_Asked]] = defaultdict(list)
        misplaced: list[Key] = []
        for one in await self._with_upstreams(dues):
            if is_on_other_host(one.upstream) == self._other_hosts:
                groups[place(one.upstream)].append(one)
            else:
                misplaced.append(one.key)
        await self._limit_hosts(groups)
        if misplaced:  # due at once, to the pass that asks their kind of host
            put_off = self._ctx.store.schedule.put_off
            await put_off(misplaced, until=self._now, far=not self._other_hosts)
        await self._ask(groups)
        return self._hinted

    async def _limit_hosts(self, groups: dict[Upstream, list[_Asked]]) -> None:
        """Leave what is beyond a host's share to the next pass: the others must not wait for it."""
        late: list[Key] = []
        for upstream in list(groups) if self._other_hosts else ():
            host = host_of(upstream)
            self._pass.hosts[host] += 1
            if self._pass.hosts[host] > SHARE:
                late += [one.key for one in groups.pop(upstream)]
        if late:
            until = self._now + timedelta(seconds=1)
            await self._ctx.store.schedule.put_off(late, until=until, far=True)

    async def _with_upstreams(self, dues: Sequence[Due]) -> Sequence[_Asked]:
        """Find each package's upstream: as remembered, or by its spec; record those without one."""
        asked = [
            _Asked(due.key, due.upstream, due.prefix, due.digest, due.urgent)
            for due in dues
            if due.upstream
        ]
        without: list[Work] = []
        for row in await self._rows(due.key for due in dues if due.upstream is None):
            package = await self._read(row)
            found = package if isinstance(package, Reason) else upstream_and_prefix(package)
            if isinstance(found, Reason):
                without.append(Work(row, package, found))
            else:
                asked.append(_Asked(row.key, found[0], found[1], ""))
        await self._record(without)
        return asked

    async def _rows(self, keys: Iterable[Key]) -> Sequence[Row]:
        names, packages = [key.package for key in keys], self._ctx.store.packages
        return await packages.some_rows(self._ctx.watched.id, names) if names else ()

    async def _read(self, row: Row) -> Package | Reason:
        """Read a spec; what takes long, a distro seen first, lets others work in between."""
        if not self._ctx.reader.knows(row.path, row.blob):
            await asyncio.sleep(0)
        with Caught() as caught:
            return self._ctx.reader.read(row.path, row.blob, row.text)
        return caught.reason("reading a spec", path=row.path)

    async def _ask(self, groups: Mapping[Upstream, Sequence[_Asked]]) -> None:
        """Ask for every group, unless it was asked for just now."""
        self._groups = groups
        self._before = await self._ctx.store.upstream_cache.remembered(tuple(groups))
        known = {upstream: self._known_of(upstream) for upstream in groups}
        just = [upstream for upstream, one in known.items() if self._just_asked(upstream, one)]
        for upstream in just:
            del known[upstream]
        for upstream in self._oldest(known):
            known[upstream] = Known("", known[upstream].prefixes)
        await self._take(dict.fromkeys(just, Unchanged()), asked=False)
        await ask_again(self._upstreams, self._ctx.store.upstream_cache, known, self._take)
        await self._record_known()

    def _known_of(self, upstream: Upstream) -> Known:
        before = self._before.get(upstream)
        prefixes = {one.prefix for one in self._groups[upstream]} if self._other_hosts else {""}
        return Known(before.mark if before else "", tuple(sorted(prefixes)))

    def _just_asked(self, upstream: Upstream, known: Known) -> bool:
        """Return whether another repository's pass, or another batch of this one, just did so."""
        before, ctx = self._before.get(upstream), self._ctx
        if before is None or before.prefixes != known.prefixes:
            return False
        if any(one.urgent for one in self._groups[upstream]):
            return False
        shortest = (self._other_hosts and ctx.check_interval_other_hosts) or ctx.check_interval
        return self._now - before.asked < shortest / 2

    def _oldest(self, known: Iterable[Upstream]) -> Sequence[Upstream]:
        """Return the upstreams whose turn it is to be read to their end."""
        old = [
            (before.whole, number, upstream)
            for number, upstream in enumerate(known)
            if (before := self._before.get(upstream))
            and before.mark
            and self._now - before.whole >= WHOLE_EVERY
        ]
        return [upstream for *_, upstream in sorted(old)[:REREAD]]

    async def _take(self, news: Mapping[Upstream, LookupResult], *, asked: bool = True) -> None:
        """Record some upstreams' news, remember them, and put off packages that have none."""
        todo, cache = _Sorted(), self._ctx.store.upstream_cache
        for upstream, one in (await self._identified(news)).items():
            self._sort(upstream, one, todo)
        await self._put_off(todo.later)
        await self._finish(todo.found)
        if todo.changed:
            await cache.remember(todo.changed, now=self._now)
        self._same += todo.unchanged if asked else ()
        if len(self._same) >= AT_ONCE:
            await self._record_known()

    def _sort(self, upstream: Upstream, news: LookupResult, todo: _Sorted) -> None:
        group, before = self._groups[upstream], self._before.get(upstream)
        match news:
            case Postponed(until=until):
                todo.later[until] += [one.key for one in group]
            case Reason():
                todo.found += [_Found(one, news) for one in group]
            case Unchanged():
                digest = self._before[upstream].digest
                todo.unchanged.append(upstream)
                todo.found += [_Found(one, None, digest) for one in group]
            case Shown(releases=releases):
                prefixes = self._known_of(upstream).prefixes
                memo = Memo(news.mark, digest_of(releases), prefixes, releases, news.whole)
                if before and before.digest == memo.digest and not memo.mark:
                    todo.unchanged.append(upstream)
                else:
                    todo.changed[upstream] = memo
                todo.found += [_Found(one, releases, memo.digest) for one in group]
            case _:
                assert_never(news)

    async def _identified(
        self, news: Mapping[Upstream, LookupResult]
    ) -> Mapping[Upstream, LookupResult]:
        digests = {upstream: one.digest for upstream, one in self._before.items()}
        numbered = await with_numbers(self._ctx, self._upstreams, news, digests)
        return await without_replaced(self._ctx, numbered, now=self._now)

    async def _put_off(self, later: Mapping[datetime | None, Sequence[Key]]) -> None:
        soonest = self._now + self._ctx.check_interval
        for until, keys in later.items():
            when = max(until or self._now + LATER, soonest)
            await self._ctx.store.schedule.put_off(keys, until=when, far=self._other_hosts)

    async def _finish(self, found: Sequence[_Found]) -> None:
        """Note the packages for which nothing is new; select from the others' releases."""
        for one in found:
            if one.is_known:
                self._known[host_of(place(one.asked.upstream))].append(one.asked.key)
        news = {one.asked.key: one for one in found if not one.is_known}
        recalled = await self._recall(one.asked for one in news.values() if one.releases is None)
        rows = await self._rows(news)
        await self._record([await self._work(row, news[row.key], recalled) for row in rows])

    async def _record_known(self) -> None:
        """Reschedule the packages for which nothing is new, each host's by its budget."""
        ctx, known, same = self._ctx, dict(self._known), tuple(self._same)
        self._known.clear()
        self._same.clear()
        shortest = (self._other_hosts and ctx.check_interval_other_hosts) or ctx.check_interval
        for host, keys in known.items():
            scale = self._pass.budget.scale(host)
            await ctx.store.schedule.unchanged(keys, now=self._now, shortest=shortest, scale=scale)
        if same:
            await ctx.store.upstream_cache.asked(same, now=self._now)

    async def _work(
        self, row: Row, found: _Found, recalled: Mapping[Upstream, Sequence[Release] | Reason]
    ) -> Work:
        asked = found.asked
        source, package = place(asked.upstream), await self._read(row)
        releases = recalled[source] if found.releases is None else found.releases
        polite = self._other_hosts or source.datasource != "github"
        return Work(
            row, package, releases, asked.upstream, found.digest, asked.prefix, polite=polite
        )

    async def _recall(
        self, asked: Iterable[_Asked]
    ) -> Mapping[Upstream, Sequence[Release] | Reason]:
        """Read again what upstreams showed before."""
        places = tuple({place(one.upstream) for one in asked})
        found = await self._ctx.store.upstream_cache.recall(places) if places else {}
        lost = Reason(ReasonCode.UPSTREAM_UNREACHABLE, "what it showed before is not remembered")
        return {upstream: found.get(upstream, lost) for upstream in places}

    async def _record(self, work: Sequence[Work]) -> None:
        if work:
            self._hinted += await record(self._ctx, work, self._pass)

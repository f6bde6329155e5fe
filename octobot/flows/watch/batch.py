"""One part of a pass: from the packages that are due to what their upstreams showed.

Nearly all looks find what the last one found.  Those are told by a digest of all releases, and
neither the spec nor the releases are read again.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from octobot.flows.context import RepoContext
from octobot.flows.lookup.contain import Caught
from octobot.flows.lookup.fetch import Counted, Tally, ask_again, host_of, is_far, place
from octobot.flows.lookup.select import contained_whom
from octobot.flows.watch.record import Looks, Work, conclude_all, digest_of
from octobot.model.ids import Key
from octobot.model.lookup import Known, News, Postponed, Shown, Unchanged
from octobot.model.memory import Due, Memo, Remembered, Row
from octobot.model.package import Package, Upstream
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Release

WHOLE_EVERY = timedelta(days=1)
"""An upstream is read to its end this often: a change far down the list shows nowhere else."""
REREAD = 100
"""Upstreams read to their end in one part, so that no pass is held up by them: one query."""
SHARE = 120
"""Upstreams of one host asked in one pass: two minutes, at one a second."""
LATER = timedelta(minutes=5)
"""Until a look that was put off, when nobody said how long."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One due package, and whom it has."""

    key: Key
    upstream: Upstream
    prefix: str
    digest: str
    urgent: bool = False


_Group = Sequence[_Asked]
_Found = tuple[_Asked, Sequence[Release] | Reason | None, str]
"""A package to conclude anew; None: of what its upstream showed before."""


@dataclass(frozen=True, slots=True)
class Passing:
    """What the parts of one pass share."""

    now: datetime
    far: bool
    at_least: timedelta
    """The shortest pause that GitHub's points allow."""
    tally: Tally
    hosts: Counter[str] = field(default_factory=Counter)
    """How many upstreams of each host this pass asked for."""


class Part:
    """One part of a pass, on its way."""

    def __init__(self, ctx: RepoContext, pass_: Passing) -> None:
        self._ctx, self._now, self._far = ctx, pass_.now, pass_.far
        self._at_least, self._hosts = pass_.at_least, pass_.hosts
        self._roads = Counted(ctx.upstreams, pass_.tally)
        self._groups: Mapping[Upstream, _Group] = {}
        self._before: Mapping[Upstream, Remembered] = {}
        self._elsewhere: dict[Upstream, list[_Asked]] = {}
        self._hinted = 0

    async def look(self, dues: Sequence[Due]) -> int:
        """Ask for all of them; gives how many had news."""
        groups: dict[Upstream, list[_Asked]] = defaultdict(list)
        misplaced: list[Key] = []
        for one in await self._whom(dues):
            if is_far(one.upstream) == self._far:
                groups[place(one.upstream)].append(one)
            else:
                misplaced.append(one.key)
        await self._await_their_turn(groups)
        if misplaced:  # due at once, to the pass that asks their kind of host
            await self._ctx.store.schedule.put_off(misplaced, until=self._now, far=not self._far)
        await self._ask(groups)
        if self._elsewhere:
            await self._ask(self._elsewhere)
        return self._hinted

    async def _await_their_turn(self, groups: dict[Upstream, list[_Asked]]) -> None:
        """Leave what is beyond a host's share to the next pass: the others must not wait for it."""
        if not self._far:
            return
        late: list[Key] = []
        for upstream in list(groups):
            host = host_of(upstream)
            self._hosts[host] += 1
            if self._hosts[host] > SHARE:
                late += [one.key for one in groups.pop(upstream)]
        if late:
            until = self._now + timedelta(seconds=1)
            await self._ctx.store.schedule.put_off(late, until=until, far=True)

    async def _whom(self, dues: Sequence[Due]) -> Sequence[_Asked]:
        """Find whom each package has: as remembered, or by its spec; settle those with nobody."""
        asked = [
            _Asked(due.key, due.upstream, due.prefix, due.digest, due.urgent)
            for due in dues
            if due.upstream
        ]
        nobody: list[Work] = []
        for row in await self._rows(due.key for due in dues if due.upstream is None):
            package = await self._read(row)
            whom = package if isinstance(package, Reason) else contained_whom(package)
            if isinstance(package, Reason) or isinstance(whom, Reason):
                why = whom if isinstance(whom, Reason) else Reason(ReasonCode.INTERNAL_ERROR)
                nobody.append(Work(row, package, why))
            else:
                asked.append(_Asked(row.key, whom[0], whom[1], ""))
        await self._conclude(nobody)
        return asked

    async def _rows(self, keys: Iterable[Key]) -> Sequence[Row]:
        names = [key.package for key in keys]
        return (
            await self._ctx.store.packages.some_rows(self._ctx.watched.id, names) if names else ()
        )

    async def _read(self, row: Row) -> Package | Reason:
        """Read a spec; what takes long, a distro seen first, lets others work in between."""
        if not self._ctx.reader.knows(row.path, row.blob):
            await asyncio.sleep(0)
        with Caught() as caught:
            return self._ctx.reader.read(row.path, row.blob, row.text)
        return caught.reason("reading a spec", path=row.path)

    async def _ask(self, groups: Mapping[Upstream, _Group]) -> None:
        """Ask for every group whom nobody asked just now."""
        self._groups, self._elsewhere = groups, {}
        self._before = await self._ctx.store.upstream_cache.remembered(tuple(groups))
        known = {upstream: self._known(upstream) for upstream in groups}
        just = [upstream for upstream, one in known.items() if self._just_asked(upstream, one)]
        for upstream in just:
            del known[upstream]
        for upstream in self._oldest(known):
            known[upstream] = Known("", known[upstream].prefixes)
        await self._take(dict.fromkeys(just, Unchanged()), asked=False)
        await ask_again(self._roads, self._ctx.store.upstream_cache, known, self._take)

    def _known(self, upstream: Upstream) -> Known:
        before = self._before.get(upstream)
        prefixes = {one.prefix for one in self._groups[upstream]} if self._far else {""}
        return Known(before.mark if before else "", tuple(sorted(prefixes)))

    def _just_asked(self, upstream: Upstream, known: Known) -> bool:
        """Tell whether another repository's pass, or another part of this one, did so already."""
        before, ctx = self._before.get(upstream), self._ctx
        if before is None or before.prefixes != known.prefixes:
            return False
        if any(one.urgent for one in self._groups[upstream]):
            return False
        shortest = (self._far and ctx.check_interval_other_hosts) or ctx.check_interval
        return self._now - before.asked < shortest / 2

    def _oldest(self, known: Iterable[Upstream]) -> Sequence[Upstream]:
        """Give the upstreams whose turn it is to be read to their end."""
        old = [
            (before.whole, number, upstream)
            for number, upstream in enumerate(known)
            if (before := self._before.get(upstream))
            and before.mark
            and self._now - before.whole >= WHOLE_EVERY
        ]
        return [upstream for *_, upstream in sorted(old)[:REREAD]]

    async def _take(self, news: Mapping[Upstream, News], *, asked: bool = True) -> None:
        """Conclude from a batch's news, remember them, and put off those that have none."""
        memos: dict[Upstream, Memo] = {}
        same: list[Upstream] = []
        work: list[_Found] = []
        later: dict[datetime | None, list[Key]] = defaultdict(list)
        news = await self._known_ones(news)
        for upstream, one in news.items():
            match one:
                case Postponed(until=until):
                    later[until] += [each.key for each in self._groups[upstream]]
                case Reason():
                    work += self._failed(self._groups[upstream], one)
                case Unchanged():
                    digest = self._before[upstream].digest
                    same.append(upstream)
                    work += [(each, None, digest) for each in self._groups[upstream]]
                case Shown(releases=releases):
                    memo = self._memo(upstream, one)
                    known = self._before.get(upstream)
                    if known and known.digest == memo.digest and not memo.mark:
                        same.append(upstream)
                    else:
                        memos[upstream] = memo
                    work += [(each, releases, memo.digest) for each in self._groups[upstream]]
                case _:
                    assert_never(one)
        await self._put_off(later)
        await self._settle(work)
        if memos:
            await self._ctx.store.upstream_cache.remember(memos, now=self._now)
        if same and asked:
            await self._ctx.store.upstream_cache.asked(same, now=self._now)

    async def _known_ones(self, news: Mapping[Upstream, News]) -> Mapping[Upstream, News]:
        """Take no news from a repository that has the name of another one."""
        seen = {
            upstream: one.identity
            for upstream, one in news.items()
            if isinstance(one, Shown) and one.identity is not None
        }
        if not seen:
            return news
        found = await self._ctx.store.identities.identify(seen, now=self._now)
        replaced = {
            upstream: Reason(
                ReasonCode.UPSTREAM_REPLACED,
                f"{upstream.identifier} was repository {identity.first}, then {identity.other}",
            )
            for upstream, identity in found.items()
            if identity.other is not None
        }
        return {**news, **replaced}

    def _memo(self, upstream: Upstream, shown: Shown) -> Memo:
        prefixes = self._known(upstream).prefixes
        return Memo(shown.mark, digest_of(shown.releases), prefixes, shown.releases, shown.whole)

    def _failed(self, group: _Group, reason: Reason) -> Sequence[_Found]:
        """Take a failure; a git repository on GitHub that was renamed is asked by git instead."""
        gone = reason.code is ReasonCode.UPSTREAM_MISSING
        stay: list[_Found] = []
        for one in group:
            if gone and one.upstream.datasource == "git" and one.upstream not in self._groups:
                self._elsewhere.setdefault(one.upstream, []).append(one)
            else:
                stay.append((one, reason, ""))
        return stay

    async def _put_off(self, later: Mapping[datetime | None, Sequence[Key]]) -> None:
        soonest = self._now + self._ctx.check_interval
        for until, keys in later.items():
            when = max(until or self._now + LATER, soonest)
            await self._ctx.store.schedule.put_off(keys, until=when, far=self._far)

    async def _settle(self, found: Sequence[_Found]) -> None:
        """Push those on that know all this already; conclude the others from what was shown."""
        quiet = [one.key for one, _, digest in found if digest and one.digest == digest]
        if quiet:
            await self._ctx.store.schedule.unchanged(quiet, now=self._now, at_least=self._at_least)
        rest = {
            one.key: (one, releases, digest)
            for one, releases, digest in found
            if not digest or one.digest != digest
        }
        recalled = await self._recall([one for one, shown, _ in rest.values() if shown is None])
        work: list[Work] = []
        for row in await self._rows(rest):
            one, shown, digest = rest[row.key]
            known = recalled[self._place(one)] if shown is None else shown
            polite = self._far or self._place(one).datasource != "github"
            package = await self._read(row)
            work.append(Work(row, package, known, one.upstream, digest, one.prefix, polite=polite))
        await self._conclude(work)

    def _place(self, one: _Asked) -> Upstream:
        """Give the name under which this package's upstream was asked."""
        return one.upstream if one.upstream in self._groups else place(one.upstream)

    async def _recall(
        self, asked: Sequence[_Asked]
    ) -> Mapping[Upstream, Sequence[Release] | Reason]:
        """Read again what upstreams showed before."""
        places = tuple({self._place(one) for one in asked})
        found = await self._ctx.store.upstream_cache.recall(places) if places else {}
        lost = Reason(ReasonCode.UPSTREAM_UNREACHABLE, "what it showed before is not remembered")
        return {upstream: found.get(upstream, lost) for upstream in places}

    async def _conclude(self, work: Sequence[Work]) -> None:
        if work:
            looks = Looks(self._now, far=self._far, at_least=self._at_least)
            news = await conclude_all(self._ctx, work, looks)
            self._hinted += news

"""Prints how long packages wait for the age alone, over recorded bumps: `bench_often.py FILE`.

FILE is the replay's (`replay-dev.jsonl.gz`).  Each recorded bump counts as a release that was seen
at its time.  Checks are green at once, so that nothing but the age is missing, and the decisions
are `decide`'s: first as they are, then as if no open pull request were ever kept.
"""

import argparse
import gzip
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from octobot.flows.reconcile.decide import DAY, decide  # noqa: E402  (found through the line above)
from octobot.flows.steps import Land, Propose  # noqa: E402
from octobot.flows.view import Found, Opened, View  # noqa: E402
from octobot.model.bump import Proposed  # noqa: E402
from octobot.model.config import Config  # noqa: E402
from octobot.model.ids import Key, PullNumber, RepositoryId, Sha, Version  # noqa: E402
from octobot.model.memory import Row, Sighting  # noqa: E402
from octobot.model.package import Package, UpdateBlock, Upstream  # noqa: E402
from octobot.model.pull_request import PullRequest  # noqa: E402
from octobot.model.reasons import Reason, ReasonCode  # noqa: E402
from octobot.model.release import Candidate, Observation, Release  # noqa: E402
from octobot.policy.config.read import for_package  # noqa: E402

DISTRO = RepositoryId(1)
NAME = "hello"
UPSTREAM = Upstream("github", "example/hello", "tags")
COMMIT = Sha("1" * 40)
AGE = for_package(Config(), NAME).minimum_release_age
LONG = timedelta(days=2)


@dataclass
class Life:
    """One package's way through its recorded releases; the version is a release's position."""

    seen: Sequence[datetime]
    keep: bool
    at: int = 0
    """Releases that the spec has."""
    known: int = 0
    open: int = 0
    """The release that the open pull request proposes; 0: none is open."""
    since: datetime | None = None
    """Since when the spec is behind."""
    opened: list[datetime] = field(default_factory=list)
    waits: list[timedelta] = field(default_factory=list)

    def run(self) -> None:
        """Play every release, and the moments at which what is open is old enough."""
        for moment in self.seen:
            self._until(moment)
            self.known += 1
            self.since = self.since or moment
            self._step(moment)
        self._until(datetime.max.replace(tzinfo=UTC))

    def _until(self, end: datetime) -> None:
        """Play what happens by itself before the next release."""
        while self.at < self.known:
            ready = self.seen[self.open - 1] + AGE if self.open else self.opened[-4] + DAY
            if ready > end:
                return
            self._step(ready)

    def _step(self, now: datetime) -> None:
        """Take steps until nothing happens any more."""
        while self.at < self.known:
            step = decide(self._view(now))
            if isinstance(step, Propose):
                self.open = int(step.parts[0].bump.target.version[2:])
                self.opened.append(now)
            elif isinstance(step, Land) and self.seen[self.open - 1] + AGE <= now:
                self._merge(now)
            else:
                return

    def _merge(self, now: datetime) -> None:
        if self.since:
            self.waits.append(now - self.since)
        self.at, self.open = self.open, 0
        self.since = self.seen[self.at] if self.at < self.known else None

    def _view(self, now: datetime) -> View:
        package = Package(
            NAME, _version(self.at), 0, f"{NAME}.yaml", UpdateBlock(enabled=True), UPSTREAM
        )
        reason = Reason(ReasonCode.MINIMUM_RELEASE_AGE)
        row = Row(
            *(Key(DISTRO, NAME), package.path, COMMIT, "", reason, _candidate(self.known)),
            *(UPSTREAM, 1, None, now, now),
        )
        member, pulls = Found(row, package), (_pull(self.open),) if self.open else ()
        if self.keep and self.open:
            first = Observation(f"v1.{self.open}", COMMIT, None, self.seen[self.open - 1])
            member = replace(member, opened=Opened(_candidate(self.open), Sighting(first, None)))
        return View(
            key=row.key,
            group=None,
            members=(member,),
            config=Config(),
            history=tuple(_past(pull, now) for pull in pulls),
            pulls=pulls,
            open_pulls=0,
            opened_today=tuple(one for one in reversed(self.opened) if one > now - DAY),
        )


def _version(position: int) -> Version:
    return Version(f"1.{position}")


def _candidate(position: int) -> Candidate:
    return Candidate(Release(f"v1.{position}", COMMIT), _version(position))


def _pull(position: int) -> PullRequest:
    branch = f"octobot/{NAME}/{_version(position)}"
    number = PullNumber(position)
    return PullRequest(number, "", "open", 1, COMMIT, branch, DISTRO, "main", mergeable=True)


def _past(pull: PullRequest, now: datetime) -> Proposed:
    version = Version(pull.branch.rpartition("/")[2])
    return Proposed(NAME, version, pull.branch, COMMIT, COMMIT, COMMIT, pull.number, "open", now)


def recorded(file: Path) -> Mapping[str, Sequence[datetime]]:
    """Read when each package was bumped."""
    found: dict[str, set[float]] = defaultdict(set)
    with gzip.open(file, "rt") as lines:
        for line in lines:
            bump = json.loads(line)
            if bump["from"] != bump["to"]:
                found[bump["package"]].add(bump["time"])
    return {
        name: [datetime.fromtimestamp(one, UTC) for one in sorted(times)]
        for name, times in found.items()
    }


def report(bumps: Mapping[str, Sequence[datetime]], *, keep: bool) -> None:
    """Play all packages and print what they waited."""
    lives = {name: Life(seen, keep) for name, seen in bumps.items()}
    for life in lives.values():
        life.run()
    longest = {name: max(life.waits) for name, life in lives.items()}
    late = sum(wait > LONG for wait in longest.values())
    name = max(longest, key=lambda each: longest[each])
    worst = longest[name].total_seconds() / DAY.total_seconds()
    opened = sum(len(life.opened) for life in lives.values())
    merged = sum(len(life.waits) for life in lives.values())
    title = "kept while it only waits" if keep else "replaced by each newer version"
    sys.stdout.write(
        f"{title}: {opened} pull requests, {merged} merges;"
        f" {late} packages waited over {LONG.days} days, the longest {worst:.1f} ({name})\n"
    )


def main() -> None:
    """Print what was recorded, and both ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    bumps = recorded(parser.parse_args().file)
    gaps = [b - a for seen in bumps.values() for a, b in pairwise(seen)]
    soon = sum(gap < DAY for gap in gaps)
    total = sum(len(seen) for seen in bumps.values())
    sys.stdout.write(f"{len(bumps)} packages, {total} bumps, {soon} with a successor within 24 h\n")
    report(bumps, keep=True)
    report(bumps, keep=False)


if __name__ == "__main__":
    main()

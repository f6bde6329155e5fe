"""Random schedules of all faults: Hypothesis draws what happens next, and the oracle always looks.

    python tests/faults/lives/machine.py [--seeds 1-10] [--examples 10]

One package lives under everything that the other tests of this folder do one at a time: releases
come, move and go; GitHub refuses, cuts, forgets, lies and limits; deliveries are lost, doubled and
shuffled; the process dies at any effect; people push, close, edit, say slash commands and change
the protection; the clock is wrong.  The invariants hold after every step.  At the end the faults
stop, and all must come to rest: within a few passes, and then without another write; and whatever
was said to octobot has one answer.

No run is kept in a file: a seed draws the same schedules on every machine, and `SEEDS` are those
that are worth playing again.
"""

import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal

import click
import structlog
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, get_state_machine_test, precondition, rule

from octobot.model.pull_request import Conclusion
from octobot.sandbox.http.call import Call
from octobot.sandbox.http.faults import Matches, anything, cut, fault, is_effect, mutation, of
from octobot.sandbox.state.nouns import Pull
from tests.databases import Databases
from tests.faults.lives.dying import SIDES, Fate, Side
from tests.faults.lives.staged import COMMANDS, SETTINGS, Stage
from tests.stories.story import NAME

SEEDS = (1, 2)
"""Played by the tests; a seed that found something is added here."""

PULLS = f"/repos/{NAME}/pulls"
PLACES: dict[str, Matches] = {
    "anything": anything,
    "reading": lambda call: not is_effect(call),
    "graphql": lambda call: "graphql" in call.path,
    "commit": mutation("createCommitOnBranch"),
    "branch": mutation("updateRefs"),
    "pull": of("POST", PULLS),
    "closing": of("PATCH", rf"{PULLS}/\d+"),
    "merge": of("PUT", rf"{PULLS}/\d+/merge"),
    "check": lambda call: is_effect(call) and "/check-runs" in call.path,
    "comment": of("POST", rf"/repos/{NAME}/issues/\d+/comments"),
    "issue": of("POST", f"/repos/{NAME}/issues"),
}
LIMITS: dict[str, dict[str, str]] = {
    "secondary": {},
    "retry-after": {"Retry-After": "SECONDS"},
    "primary": {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "RESET"},
}
CONCLUSIONS: tuple[Conclusion, ...] = ("success", "success", "failure", "neutral")
End = Literal["before", "after"]
ENDS: tuple[End, ...] = ("before", "after")


def _rest(call: Call) -> bool:
    """Match reads of one bucket, so that it is known whose limit it is."""
    return not is_effect(call) and "graphql" not in call.path and not call.path.startswith("/app")


class Machine(RuleBasedStateMachine):
    """One life under a random schedule."""

    databases: ClassVar[Databases]
    met: ClassVar[Counter[str]] = Counter()
    """What happened in all schedules."""

    def __init__(self) -> None:
        super().__init__()
        self.stage, self.minor = Stage(self.databases), 0

    def teardown(self) -> None:
        """Let the faults stop, see that all comes to rest, and put everything away."""
        try:
            self.stage.run(self.stage.come_to_rest())
        finally:
            self.met.update(self.stage.met())
            self.stage.close()

    @rule(minutes=st.sampled_from([1, 5, 10, 61, 180]))
    def time_passes(self, minutes: int) -> None:
        """Let octobot make a pass, or die in it."""
        self.stage.run(self.stage.go_on(minutes))

    @rule(minutes=st.sampled_from([1, 10, 61]), conclusion=st.sampled_from(CONCLUSIONS))
    def life_goes_on(self, minutes: int, conclusion: Conclusion) -> None:
        """Let a version come out, be proposed, checked, and looked at again."""
        self.release()
        self.time_passes(minutes)
        self.checked(conclusion)
        self.time_passes(10)
        self.time_passes(10)

    @rule()
    def all_is_well(self) -> None:
        """Let GitHub and people put everything right, but for what octobot has to find out."""
        self.stage.faults.clear()
        self.stage.protect(guarded=True)
        self.configured(paused=False)
        self.life_goes_on(61, "success")

    @rule(ahead=st.integers(1, 30), side=st.sampled_from(SIDES))
    def will_die(self, ahead: int, side: Side) -> None:
        """Be struck at one of the next effects."""
        mortal = self.stage.mortal
        mortal.fate = Fate(len(mortal.effects) + ahead, side)
        self.life_goes_on(1, "success")

    # ---- upstream

    @rule()
    def release(self) -> None:
        """Let the next version come out."""
        self.minor += 1
        self.stage.run(self.stage.tale.release(f"1.{self.minor}"))

    @precondition(lambda self: self.minor > 0)
    @rule(dice=st.integers(0, 9))
    def tag_moves(self, dice: int) -> None:
        """Let the newest tag move, seldom: it ends the story."""
        if dice == 0:
            self.stage.frozen = True
            self.stage.run(self.stage.move_tag(f"1.{self.minor}"))

    @precondition(lambda self: self.minor > 0)
    @rule()
    def withdrawn(self) -> None:
        """Let the newest tag be taken away; the next one will be greater."""
        self.stage.run(self.stage.withdraw(f"1.{self.minor}"))

    # ---- the CI

    @rule(conclusion=st.sampled_from(CONCLUSIONS))
    def checked(self, conclusion: Conclusion) -> None:
        """Let the CI say something about every open pull request."""
        self.stage.run(self.stage.check(conclusion))

    # ---- GitHub

    @rule(
        at=st.sampled_from(sorted(PLACES)),
        side=st.sampled_from(ENDS),
        status=st.sampled_from([0, 500, 502, 503]),
        times=st.integers(1, 3),
    )
    def struck(self, at: str, side: End, status: int, times: int) -> None:
        """Let the next answers be lost, refused or cut (0)."""
        answer = cut if status == 0 and side == "after" else fault(status or 502)
        self.stage.faults.strike(at, PLACES[at], side=side, answer=answer, times=times)
        self.life_goes_on(1, "success")

    @rule(
        kind=st.sampled_from(sorted(LIMITS)),
        at=st.sampled_from(["reading", "commit", "pull", "merge"]),
        seconds=st.sampled_from([60, 90, 600]),
    )
    def limited(self, kind: str, at: str, seconds: int) -> None:
        """Let GitHub want to be left alone."""
        seconds = 60 if kind == "secondary" else seconds
        headers = {k: v.replace("SECONDS", str(seconds)) for k, v in LIMITS[kind].items()}
        used = "graphql" if at == "commit" else "core"
        where = _rest if at == "reading" else PLACES[at]
        resource = used if kind == "primary" else ""
        self.stage.faults.limit("limit", where, seconds=seconds, headers=headers, resource=resource)
        self.life_goes_on(1, "success")

    @rule(seconds=st.sampled_from([0, 5, 30]))
    def lags(self, seconds: int) -> None:
        """Let replicas lag, or catch up."""
        self.stage.faults.lag = timedelta(seconds=seconds)

    @rule(lying=st.booleans())
    def lies(self, *, lying: bool) -> None:
        """Answer conditional reads with 304, whatever has changed."""
        self.stage.faults.always_unmodified = lying

    @rule(
        dropped=st.sampled_from([0.0, 0.5, 1.0]),
        doubled=st.sampled_from([0.0, 0.5]),
        held=st.booleans(),
    )
    def delivery_faults(self, dropped: float, doubled: float, *, held: bool) -> None:
        """Let deliveries be lost, doubled, or held back and shuffled."""
        outbox = self.stage.tale.sandbox.hub.outbox
        outbox.faults.dropped, outbox.faults.doubled = dropped, doubled
        if outbox.faults.held and not held:
            self.stage.run(self.stage.let_go())
        outbox.faults.held = held

    @rule(minutes=st.sampled_from([-10, 0, 10]))
    def clock_is_wrong(self, minutes: int) -> None:
        """Let octobot's clock be wrong by so much."""
        tale, right = self.stage.tale, self.stage.tale.clock
        tale.world = replace(tale.world, clock=lambda: right() + timedelta(minutes=minutes))

    # ---- people

    def _first(self, act: Callable[[Pull], Coroutine[object, object, object]]) -> None:
        for pull in [*self.stage.open_pulls()][:1]:
            self.stage.by_people = True
            self.stage.run(act(pull))

    @rule(dice=st.integers(0, 2))
    def somebody_pushes(self, dice: int) -> None:
        """Let a person push to the branch."""
        evil = {"hello.yaml": b"package:\n  name: hello\n  version: evil\n"}
        if dice == 0:
            self._first(lambda pull: self.stage.ann.push(NAME, pull.head_ref, evil))

    @rule(dice=st.integers(0, 2))
    def somebody_closes(self, dice: int) -> None:
        """Let a person close the pull request."""
        if dice == 0:
            self._first(lambda pull: self.stage.ann.close(NAME, pull.number))

    @rule()
    def somebody_edits_the_words(self) -> None:
        """Let a person change title and body."""
        for pull in [*self.stage.open_pulls()][:1]:
            edit = self.stage.ann.edit_pull(NAME, pull.number, title="Other words", body="@team")
            self.stage.run(edit)

    @rule(command=st.sampled_from(COMMANDS), minutes=st.sampled_from([0, 1, 10, 61]))
    def somebody_says(self, command: str, minutes: int) -> None:
        """Let a person say a command, right before whatever comes next, or some time before."""
        self.stage.run(self.stage.say(command))
        if minutes:
            self.time_passes(minutes)

    @rule()
    def the_base_moves(self) -> None:
        """Let somebody commit something else."""
        files = {"README.md": f"{len(self.stage.mortal.effects)}\n".encode()}
        self.stage.run(self.stage.tale.sandbox.commit_files(NAME, "main", files, "News"))

    @rule(paused=st.booleans())
    def configured(self, *, paused: bool) -> None:
        """Pause octobot, or end the pause."""
        text = SETTINGS + ("paused: true\n" if paused else "")
        self.stage.run(self.stage.tale.configure(text))

    @rule(guarded=st.booleans())
    def protection(self, *, guarded: bool) -> None:
        """Let the protection be taken away, or put back."""
        self.stage.protect(guarded=guarded)


def play(number: int, *, examples: int, steps: int) -> None:
    """Draw schedules from one seed; what breaks is raised with its shortest steps."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    seed(number)(get_state_machine_test(Machine, settings=chosen))()


def _seeds(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


@click.command()
@click.option("--seeds", default="1-10", help="A seed, or FIRST-LAST.")
@click.option("--examples", default=10, help="Schedules for each seed.")
@click.option("--steps", default=40, help="Steps of each schedule, at most.")
def main(seeds: str, examples: int, steps: int) -> None:
    """Play many schedules; exit status 1 when an invariant was broken."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    broken = 0
    with tempfile.TemporaryDirectory(prefix="s") as home:
        databases = Databases(Path(home))
        Machine.databases = databases
        try:
            for number in _seeds(seeds):
                try:
                    play(number, examples=examples, steps=steps)
                except Exception as error:  # noqa: BLE001  (whatever broke is reported)
                    broken += 1
                    click.echo(f"seed {number}: {error!r}\n" + "\n".join(error.__notes__))
                click.echo(f"seed {number}: {examples} schedules of up to {steps} steps")
        finally:
            databases.close()
    click.echo(", ".join(f"{name}: {count}" for name, count in sorted(Machine.met.items())))
    raise SystemExit(1 if broken else 0)


if __name__ == "__main__":
    main()

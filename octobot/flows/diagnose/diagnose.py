"""A required check failed: say on the pull request what broke, and what would fix it."""

import asyncio
import re
from collections.abc import Collection, Sequence
from datetime import timedelta

from octobot.flows.context import RepoContext
from octobot.flows.diagnose.rerun import rerun_flakes
from octobot.flows.diagnose.suggest import apply_by_itself, offer_for
from octobot.flows.say import say
from octobot.messages import failure
from octobot.model.attempts import newest_attempts
from octobot.model.pull_request import FailedCheck
from octobot.model.suggestion import Offer
from octobot.model.triage import AddBuildPackage, CauseClass, Diagnosis
from octobot.model.verdict import Snapshot, Verdict
from octobot.specs.read.names import package_names

BAD = frozenset({"failure", "timed_out", "cancelled", "startup_failure", "action_required"})

OF_A_BASE = "build-base"
"""A distro without this package takes others from elsewhere, and any name may exist."""

AT_ONCE = 500
"""Specs read at a time to learn which packages there are."""

SOON = timedelta(minutes=2)
"""When to ask again for the answer to a question that another process asked."""

_BUILDS = re.compile(r"\bbuild(?:ing)?\b|\bpackage/", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_LONGEST = 2_000
"""Characters of a line that are read: a command line, not a file in one line."""


async def diagnose(ctx: RepoContext, snapshot: Snapshot, verdict: Verdict) -> timedelta | None:
    """Cut the failed checks' logs to what matters, and post it in one comment with what fixes it.

    Returns when there will be more to say; None when all is said.
    """
    failed = [
        check
        for check in newest_attempts(snapshot.state.checks)
        if check.app != ctx.app and check.conclusion in BAD
    ]
    logs = await ctx.github.logs.failed(failed)
    diagnoses = await _diagnoses(ctx, logs)
    found = [(log.check, diagnosis) for log, diagnosis in zip(logs, diagnoses, strict=True)]
    again = await rerun_flakes(ctx, verdict.head, found)
    offer = await _offer(ctx, snapshot, diagnoses, logs)
    body = failure.comment(diagnoses, verdict, offer, rerun={check.name for check in again.checks})
    await say(ctx, snapshot.state.pull.number, tag="failure", body=body)
    if offer and offer.applies_itself:
        await apply_by_itself(ctx, offer.suggestion)
    return SOON if offer and offer.pending else again.later


async def _diagnoses(ctx: RepoContext, logs: Sequence[FailedCheck]) -> list[Diagnosis]:
    """Diagnose each log; where a cause names a package, again with the names of all packages."""
    # Masking and cutting 2 MiB takes seconds; the other lanes run meanwhile.
    found = [await asyncio.to_thread(ctx.triage.diagnose, each) for each in logs]
    if not any(_names_a_package(each) for each in found):
        return found
    known = await _packages(ctx)
    return [await asyncio.to_thread(ctx.triage.diagnose, each, known) for each in logs]


def _names_a_package(diagnosis: Diagnosis) -> bool:
    return any(isinstance(fix, AddBuildPackage) for fix in diagnosis.why.fixes)


async def _packages(ctx: RepoContext) -> frozenset[str] | None:
    """Return the packages that the distro makes; None when it is built on another one."""
    paths = sorted(await ctx.store.specs.blobs(ctx.watched.id))
    specs = [path.removesuffix(".yaml") for path in paths]
    names: set[str] = set()
    for start in range(0, len(specs), AT_ONCE):  # a large distro's texts are hundreds of megabytes
        some = specs[start : start + AT_ONCE]
        rows = await ctx.store.packages.some_rows(ctx.watched.id, some)
        texts = {row.path: row.text for row in rows}
        names |= await asyncio.to_thread(package_names, texts)
    return frozenset(names) if OF_A_BASE in names else None


async def _offer(
    ctx: RepoContext,
    snapshot: Snapshot,
    diagnoses: Sequence[Diagnosis],
    logs: Sequence[FailedCheck],
) -> Offer | None:
    if not diagnoses:
        return None
    named = (each for each in diagnoses if each.why.kind is not CauseClass.UNKNOWN)
    explained = (each for each in diagnoses if each.cause)
    lead = next(named, None) or next(explained, None) or diagnoses[0]
    alike = [
        (diagnosis, log)
        for diagnosis, log in zip(diagnoses, logs, strict=True)
        if diagnosis is lead or (lead.why.fixes and diagnosis.why.fixes == lead.why.fixes)
    ]
    return await offer_for(ctx, snapshot, lead, await _failed(snapshot, alike))


async def _failed(
    snapshot: Snapshot, alike: Sequence[tuple[Diagnosis, FailedCheck]]
) -> frozenset[str]:
    """Find the specs of a group whose builds failed; of one package there is but one."""
    packages = frozenset(change.path.removesuffix(".yaml") for change in snapshot.state.changes)
    if len(packages) == 1:
        return frozenset()
    found = [
        await asyncio.to_thread(
            blamed, log.check.name, log.log, one.why.line.number if one.why.line else None, packages
        )
        for one, log in alike
    ]
    return frozenset(f"{name}.yaml" for name in found if name)


def blamed(check: str, log: str, line: int | None, packages: Collection[str]) -> str | None:
    """Return the package that a check was building, as its log and its name say; None: unknown.

    A log that builds several says so before each: `melange build NAME.yaml`, `melange version …
    building NAME`, `make package/NAME`.  What is nearest above the decisive line is what failed.
    Packages that are merely installed are named as well, so no other line counts.

    `line` is the decisive line's number, counted from 1; None: the log's end.
    """
    lines = log.split("\n")
    above = lines[: len(lines) if line is None else line]
    for text in reversed(above):
        named = _named(text[:_LONGEST], packages) if _BUILDS.search(text[:_LONGEST]) else set()
        if len(named) == 1:
            return named.pop()
    named = _named(check, packages)
    return named.pop() if len(named) == 1 else None


def _named(text: str, packages: Collection[str]) -> set[str]:
    words = {word.rstrip(".").removesuffix(".yaml") for word in _TOKEN.findall(text)}
    return words.intersection(packages)

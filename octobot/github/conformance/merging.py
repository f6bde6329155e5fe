"""Trials of merging: by each way that the repository allows, and what GitHub says beside it."""

from functools import partial

from octobot.github.conformance.stage import BESIDE, TITLE, Stage
from octobot.github.conformance.trial import Skipped, Trial, opened
from octobot.github.repository.branch_protection import Guard
from octobot.github.transport.json_fields import at
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import PullNumber
from octobot.model.pull_request import Merged, MergeMethod, NotMerged, PullRequest

_READS = (0.0, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each read of `mergeable`."""
_WAYS: tuple[MergeMethod, ...] = ("squash", "merge", "rebase")
_UNKNOWN = f"unknown for {sum(_READS):.0f} s"


async def _still() -> bool:
    """Nobody else touches the base."""
    return True


async def _merge(
    stage: Stage, pull: PullRequest, method: MergeMethod = "squash"
) -> Merged | NotMerged:
    number = PullNumber(pull.number)
    words = (f"{TITLE}merge #{number}", "")
    return await stage.github.pulls.merge(
        number, head=pull.head, method=method, message=words, still=_still
    )


async def _mergeable(stage: Stage, pull: PullRequest) -> tuple[bool | None, int]:
    """Read `mergeable` until it is there; return it, and how often it was read in vain."""
    path = stage.handle.path("pulls", pull.number)
    for reads, pause in enumerate(_READS):
        await stage.handle.session.clock.sleep(pause)
        value = at(await stage.handle.session.get(path, fresh=True), "mergeable")
        if isinstance(value, bool):
            return value, reads
    return None, len(_READS)


async def _becomes_mergeable(stage: Stage) -> str:
    value, _ = await _mergeable(stage, opened(stage))
    return {True: "yes", False: "no", None: _UNKNOWN}[value]


async def _other_head(stage: Stage) -> str:
    pull, base = opened(stage), await stage.tip()
    if base is None:
        raise Skipped("the repository is empty")
    number, words = PullNumber(pull.number), (f"{TITLE}must not merge", "")
    result = await stage.github.pulls.merge(
        number, head=base, method="squash", message=words, still=_still
    )
    return "refused" if isinstance(result, NotMerged) else "merged"


async def _guard(stage: Stage) -> Guard:
    try:
        return await stage.read_guard()
    except (Misconfigured, TryLater) as error:  # the trial of the rules has it in full
        raise Skipped("the rules of the default branch could not be read") from error


async def _allowed(stage: Stage) -> None:
    if (await _guard(stage)).queue:
        raise Skipped("the default branch takes merges from its queue only")


async def _by(method: MergeMethod, stage: Stage) -> str:
    await _allowed(stage)
    wants = (await stage.github.merge_states.read(PullNumber(opened(stage).number))).wants
    if method not in wants.methods:
        raise Skipped("the repository does not allow it")
    pull = await stage.propose()
    await _mergeable(stage, pull)
    result = await _merge(stage, pull, method)
    return "merged" if isinstance(result, Merged) else result.because


async def _after_merge(stage: Stage) -> str:
    await _allowed(stage)
    first, second = await stage.propose(), await stage.propose()
    await _mergeable(stage, first)
    await _mergeable(stage, second)
    if isinstance(result := await _merge(stage, first), NotMerged):
        raise Skipped(f"nothing was merged: {result.because}")
    value, reads = await _mergeable(stage, second)
    if value is None:
        return _UNKNOWN
    return "unknown, then known" if reads else "known at once"


async def _after_push(stage: Stage) -> str:
    """Request one merge right behind another one, without the patience that octobot has."""
    await _allowed(stage)
    first, second = await stage.propose(), await stage.propose(BESIDE)
    await _mergeable(stage, first)
    await _mergeable(stage, second)
    if isinstance(result := await _merge(stage, first), NotMerged):
        raise Skipped(f"nothing was merged: {result.because}")
    wanted = {"sha": second.head, "merge_method": "squash", "commit_title": f"{TITLE}behind it"}
    path = stage.handle.path("pulls", second.number, "merge")
    answer = await stage.handle.session.exchange("PUT", path, wanted)
    return "merged" if answer.fine else f"{answer.status} {answer.words}"


async def _auto_merge(stage: Stage) -> str:
    """Octobot merges by itself what GitHub will not take, since nothing is missing."""
    await _allowed(stage)
    pull = await stage.propose()
    number = PullNumber(pull.number)
    await _mergeable(stage, pull)
    refused = await stage.github.merge_queue.leave_to_github(
        number, to="auto", head=pull.head, method="squash", message=(f"{TITLE}auto", "")
    )
    if refused is None:
        await stage.github.merge_queue.cancel(number)
    return "refused" if refused else "accepted"


async def _queue(stage: Stage) -> str:
    if not (await _guard(stage)).queue:
        raise Skipped("the default branch has no merge queue")
    pull = await stage.propose()
    number, queue = PullNumber(pull.number), stage.github.merge_queue
    await _mergeable(stage, pull)
    refused = await queue.leave_to_github(
        number, to="queue", head=pull.head, method="squash", message=(f"{TITLE}queue", "")
    )
    if refused:
        return refused.because
    left = await queue.left_to_github(number)
    await queue.cancel(number)
    return f"in the {left}, then out of it"


async def _rules(stage: Stage) -> str:
    await stage.read_guard()
    return "read"


TRIALS = (
    Trial("GET branches, rules", "read", "required checks are unknown: nothing is merged", _rules),
    Trial(
        "`mergeable` of a new pull request", "yes", "merges are late or never", _becomes_mergeable
    ),
    Trial(
        "PUT merge: another head",
        "refused",
        "a commit that was not judged could be merged: do not run octobot here",
        _other_head,
    ),
    *(
        Trial(
            f"PUT merge: {way}",
            "merged",
            f"`merge-method: {way}` fails",
            partial(_by, way),
        )
        for way in _WAYS
    ),
    Trial(
        "`mergeable` of another one after a merge",
        "unknown, then known",
        "octobot reads again in vain, or not soon enough; merging is slower",
        _after_merge,
    ),
    Trial(
        "PUT merge: right after another one",
        "merged",
        "octobot tries again after 1, 2 and 4 s, so merges in a row are slower",
        _after_push,
    ),
    Trial(
        "enablePullRequestAutoMerge: nothing is missing",
        "refused",
        "`merge-by: auto` leaves to GitHub what octobot could merge at once",
        _auto_merge,
    ),
    Trial("enqueuePullRequest", "in the queue, then out of it", "`merge-by: queue` fails", _queue),
)

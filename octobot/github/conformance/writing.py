"""Trials of what octobot writes: commits, branches, pull requests, check runs, texts."""

from octobot.github.conformance.stage import FILE, TAG, TITLE, Stage
from octobot.github.conformance.trial import Skipped, Trial, opened
from octobot.github.repository.checks import OWN_RUN, Posted
from octobot.github.transport.json_fields import at, items, number, text
from octobot.model.ids import PullNumber
from octobot.model.orders import TextRef

_FIRST = "b2N0b2JvdCBjb25mb3JtYW5jZQo="
"""The first file's text, in base64."""
_CONCLUSIONS: tuple[Posted | None, ...] = (None, "success")


async def _first_commit(stage: Stage) -> str:
    if await stage.tip() is not None:
        raise Skipped("it was made by an earlier run")
    wanted = {"message": f"{TITLE}first commit", "content": _FIRST}
    path = stage.handle.path("contents", FILE)
    answer = await stage.handle.session.exchange("PUT", path, wanted)
    return "made" if answer.fine else f"{answer.status} {answer.words}"


async def _signed_commit(stage: Stage) -> str:
    _, made = await stage.commit()
    shown = await stage.handle.session.get(stage.handle.path("commits", made))
    verified = at(shown, "commit", "verification", "verified") is True
    return "signed" if verified else str(at(shown, "commit", "verification", "reason"))


async def _late_move(stage: Stage) -> str:
    branch, made = await stage.commit()
    base = await stage.tip()
    if base is None:
        raise Skipped("the repository is empty")
    moved = await stage.github.branches.move(branch, expected=base, to=base)
    now = await stage.github.branches.head(branch)
    return "refused" if not moved and now == made else f"moved to {now}"


async def _pull_request(stage: Stage) -> str:
    stage.pull = await stage.propose()
    return stage.pull.state


async def _check_run(stage: Stage) -> str:
    head, checks, seen = opened(stage).head, stage.github.checks, []
    for conclusion in _CONCLUSIONS:
        await checks.post(head, conclusion=conclusion, title="Conformance", summary="A trial.")
        own = [run for run in await checks.runs(head) if run.name == OWN_RUN]
        seen += [str(run.conclusion or run.status) for run in own]
    return ", then ".join(seen)


async def _comment(stage: Stage) -> str:
    thread, comments = opened(stage).number, stage.github.comments
    for body in ("First.", "Second."):
        await comments.post(thread, tag=TAG, body=body)
    path = stage.handle.path("issues", thread, "comments")
    shown = await stage.handle.session.pages(path, fresh=True)
    bodies = [text(one, "body").partition("\n")[0].strip() for one in shown]
    return "replaced in place" if bodies == ["Second."] else f"comments: {bodies}"


async def _own_comment(stage: Stage) -> TextRef:
    comment = await stage.github.comments.find(opened(stage).number, TAG)
    if comment is None:
        raise Skipped("there is no comment")
    return TextRef("comment", number(comment, "id"))


async def _edit(stage: Stage) -> str:
    """Octobot proves by this that a comment's words are its author's."""
    shown = await stage.github.people_comments.get(await _own_comment(stage))
    return "shown" if shown and shown.edited else "no trace"


async def _reaction(stage: Stage) -> str:
    ref = await _own_comment(stage)
    await stage.github.reactions.add(ref, "eyes")
    return ", ".join(sorted(await stage.github.reactions.own(ref))) or "none"


async def _issue(stage: Stage) -> str:
    number_ = await stage.github.issues.post(
        tag=TAG, title=f"{TITLE}an issue", body="It is closed soon.", labels=["octobot"]
    )
    if number_ is None:
        return "issues are switched off"
    path = stage.handle.path("issues", number_)
    labels = [text(each, "name") for each in items(await stage.handle.session.get(path), "labels")]
    await stage.github.issues.close(number_)
    state = text(await stage.handle.session.get(path, fresh=True), "state")
    return f"{', '.join(labels)}, then {state}"


async def _objections(stage: Stage) -> str:
    shown = await stage.github.merge_states.read(PullNumber(opened(stage).number))
    return "nobody objects" if not shown.objections else f"{len(shown.objections)} objections"


TRIALS = (
    Trial("PUT contents: first commit", "made", "the other trials need a commit", _first_commit),
    Trial(
        "createRef, createCommitOnBranch: signed commit",
        "signed",
        "bumps are not verified; a rule that wants signatures refuses them",
        _signed_commit,
    ),
    Trial(
        "updateRefs: from another head",
        "refused",
        "a person's push can be overwritten: do not run octobot here",
        _late_move,
    ),
    Trial("POST pulls", "open", "nothing is proposed", _pull_request),
    Trial(
        "POST, PATCH check-runs",
        "in_progress, then success",
        "the check run `octobot` does not show the verdict",
        _check_run,
    ),
    Trial(
        "POST, PATCH issue comments",
        "replaced in place",
        "pull requests fill with comments",
        _comment,
    ),
    Trial(
        "GraphQL: that a comment was edited",
        "shown",
        "a command could be somebody else's words: do not give commands here",
        _edit,
    ),
    Trial("POST reactions", "eyes", "commands are not acknowledged", _reaction),
    Trial("POST, PATCH issues: label", "octobot, then closed", "issues pile up", _issue),
    Trial(
        "GraphQL: reviews, labels, conversations, timeline, settings",
        "nobody objects",
        "nothing is merged, since a person's no might not be seen",
        _objections,
    ),
)

"""What a merge did to the default branch, read from git's own objects."""

from octobot.github.repository import trees
from octobot.github.repository.handle import Handle
from octobot.github.transport.json_fields import sha
from octobot.model.ids import PullNumber, Sha
from octobot.model.pull_request import MergedTree


async def merged_tree(handle: Handle, commit: Sha) -> MergedTree:
    """Compare a merge's tree with that of its first parent."""
    merged = await trees.commit(handle, commit)
    return MergedTree(commit, _audited(await _changed(handle, merged)))


async def rebased_tree(handle: Handle, commit: Sha, number: PullNumber) -> MergedTree | None:
    """Compare the tree with that below all commits of a pull request that was merged by rebasing.

    None when it was merged in another way or has a single commit.  A rebased commit changes what
    the one it was made from changes: another commit of the base's is never taken for one of them.
    """
    listed = await handle.road.pages(handle.path("pulls", number, "commits"), fresh=True)
    if len(listed) == 1:
        return None
    last = below = await trees.commit(handle, commit)
    for each in reversed(listed):
        original = await trees.commit(handle, sha(each, "sha"))
        if len(below.parents) != 1 or len(original.parents) != 1:
            return None
        if _audited(await _changed(handle, below)) != _audited(await _changed(handle, original)):
            return None
        below = await trees.commit(handle, below.parents[0])
    return MergedTree(commit, _audited(await trees.differences(handle, below.tree, last.tree)))


async def _changed(handle: Handle, commit: trees.Commit) -> tuple[trees.Difference, ...]:
    parent = await trees.commit(handle, commit.parents[0])
    return await trees.differences(handle, parent.tree, commit.tree)


def _audited(changed: tuple[trees.Difference, ...]) -> tuple[tuple[str, Sha | None], ...]:
    return tuple(_named(one) for one in changed)


def _named(one: trees.Difference) -> tuple[str, Sha | None]:
    """Name a changed path; anything but a regular file is named with its mode, so it stands out."""
    if one.after is None:
        return one.path, None
    if one.after.mode == trees.FOLDER:
        return f"{one.path}/", one.after.id
    if one.after.mode != trees.REGULAR:
        return f"{one.path} (mode {one.after.mode})", one.after.id
    return one.path, one.after.id

"""What the distro adds to the source no longer fits: patches and cherry-picks."""

from collections.abc import Mapping

from octobot.model.triage import CauseClass, DropCherryPick, DropPatch, Fix
from octobot.triage.knowledge.rule import Known, Rule

_FILE = r"(?P<file>[A-Za-z0-9][A-Za-z0-9+_.-]*\.(?:patch|diff))\b"
_PICKED = r"cherry-pick(?:ing)?\b.*?\b(?P<commit>[0-9a-f]{7,})\b"
_PICKING = r"cherry-pick"


def _drop_patch(groups: Mapping[str, str], _known: Known) -> tuple[Fix, ...]:
    return (DropPatch(groups["file"]),) if groups.get("file") else ()


def _drop_pick(groups: Mapping[str, str], _known: Known) -> tuple[Fix, ...]:
    return (DropCherryPick(groups["commit"]),) if groups.get("commit") else ()


RULES = (
    Rule(
        CauseClass.PATCH_UPSTREAM,
        (
            r"Reversed \(or previously applied\) patch detected",
            r"patch (?:was|is|has) already (?:been )?applied",
        ),
        "The patch {file} is in the new version already",
        "Upstream has taken the change over, so the patch can go.",
        12,
        back=_FILE,
        fixes=_drop_patch,
    ),
    Rule(
        CauseClass.PATCH_FAILS,
        (
            r"Hunk #[0-9]+ FAILED",
            r"hunks? FAILED",
            r"^error: patch failed: (?P<target>\S+)",
            r"patch does not apply",
            r"can't find file to patch",
            r"malformed patch at line|Only garbage was found in the patch input",
            r"No file to patch\.  Skipping patch",
        ),
        "The patch {file} does not apply",
        "The lines that it changes are different in the new version. It must be adapted, or "
        "dropped when upstream solved the same problem another way.",
        13,
        back=_FILE,
    ),
    Rule(
        CauseClass.CHERRY_PICK_CONFLICT,
        (r"The previous cherry-pick is now empty", r"nothing to commit, working tree clean"),
        "The commit {commit} is in the new version already",
        "Picking it changes nothing any more, so it can go.",
        13,
        near=_PICKING,
        back=_PICKED,
        fixes=_drop_pick,
        confidence=0.95,
    ),
    Rule(
        CauseClass.CHERRY_PICK_CONFLICT,
        (
            r"error: could not apply (?P<commit>[0-9a-f]{7,})",
            r"\bCONFLICT \([a-z/ ]+\): ",
            r"fatal: bad (?:revision|object) '?(?P<commit>[0-9a-f]{7,})",
            r"error: your local changes would be overwritten by cherry-pick",
            r"is a merge but no -m option was given",
        ),
        "The cherry-picked commit {commit} does not fit the new version",
        "It conflicts with what upstream has now. Mostly the new version contains the change "
        "already, or its author solved it another way.",
        13,
        near=_PICKING,
        back=_PICKED,
        ahead=r"could not apply (?P<commit>[0-9a-f]{7,})",
        fixes=_drop_pick,
        confidence=0.6,
    ),
)

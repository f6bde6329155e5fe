"""The source is not what the spec says: digests, commits, tags, addresses."""

from octobot.model.triage import CauseClass
from octobot.triage.knowledge.rule import Rule

_NEVER_BLINDLY = "Whoever changes the pin must first know why the content changed."

RULES = (
    Rule(
        CauseClass.DIGEST_MISMATCH,
        (
            r"(?i:(?:sha256|sha512|checksum|digest)\S*[ :].*(?:mismatch|n[o']t match))",
            r"(?i:(?:mismatch|n[o']t match).*(?:sha256|sha512|checksum|digest))",
            r"(?i:expected (?:sha256|sha512|checksum|digest)\S* .*(?:\bgot\b|found|\bbut\b))",
            r"THESE PACKAGES DO NOT MATCH THE HASHES|\bEINTEGRITY\b|^SECURITY ERROR",
            r"checksum for `(?P<name>[^`]+)` changed between lock files",
        ),
        "A downloaded file is not the one whose digest is pinned",
        "The file behind the address changed, or the pin was computed from another one. "
        + _NEVER_BLINDLY,
        13,
    ),
    Rule(
        CauseClass.COMMIT_MISMATCH,
        (
            (
                r"(?i:expected commit \S*?(?P<wanted>[0-9a-f]{7,})\b.*?"
                r"(?:got|found|but|is) \D*(?P<got>[0-9a-f]{7,})\b)"
            ),
            r"(?i:commit\S*[ :].*(?:mismatch|n[o']t match))",
            r"(?i:(?:mismatch|n[o']t match).*commit)",
        ),
        "The tag is not at the commit that is pinned",
        "The tag moved upstream, or the pin belongs to another tag. " + _NEVER_BLINDLY,
        13,
    ),
    Rule(
        CauseClass.TAG_MISSING,
        (
            r"Remote branch (?P<tag>\S+) not found",
            r"couldn't find remote ref (?P<tag>\S+)",
            r"pathspec '(?P<tag>[^']+)' did not match any file\(s\) known to git",
            r"(?:reference is not a tree|unable to read tree) \(?(?P<tag>[0-9a-f]{7,})",
        ),
        "Upstream has no tag {tag}",
        "The tag was deleted or renamed upstream, or the spec builds its name differently now.",
        13,
    ),
    Rule(
        CauseClass.SOURCE_MISSING,
        (
            r"server returned error: HTTP/\S+ (?:404|410)",
            r"(?:requested URL returned error|^ERROR|HTTP Error): ?(?:404|410)\b",
            r"^(?:wget|curl): .*\b(?:404|410)\b",
            r"(?i:repository (?:'[^']+' )?not found)",
        ),
        "The source is not where the spec looks for it",
        "The address answers that there is nothing: a renamed file, a moved project, or a release "
        "whose files are not uploaded yet.",
        13,
        ahead="",
    ),
)

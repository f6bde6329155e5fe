"""Which of an upstream's releases is the newest version, by the stages of the update block.

The stages are melange's, in its order (MELANGE.md, 1).  A release that falls out at one of them
is kept with the stage's name, and never takes the others with it.  For a tracked branch there is
one release, its head, and the version is made of the spec's own and the commit's date.

Behind melange's stages come two of octobot's own: a version outside the version stream of the
package's name is dropped, and so is an alias, a name such as `v2` that moves on to each `v2.x.y`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from operator import attrgetter

from octobot.model.ids import Sha, Version
from octobot.model.package import Package, UpdateBlock
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.release import Candidate, Dropped, Release, Selection
from octobot.model.stream import is_inside, stream_of
from octobot.model.version import order_key, parse
from octobot.specs.read.patterns import BadPattern, Pattern, compile_pattern, fits

PRERELEASE_WORD = "pre-release word"
"""Why a version with one of them is dropped."""
UNRELEASED = "tag without a release"
"""Why a tag is dropped where releases are followed."""
_PRERELEASE_WORDS = re.compile("alpha|beta|rc|pre", re.IGNORECASE)
_INNER_DOT = re.compile(r"\.(?=[0-9])")


@dataclass(frozen=True, slots=True)
class _Funnel:
    """The update block with its patterns compiled."""

    block: UpdateBlock
    ignored: tuple[Pattern, ...]
    transforms: tuple[tuple[Pattern, str], ...]
    stream: str
    """The numbers of the version stream that the package follows; empty: none."""


def newest(package: Package, releases: Sequence[Release]) -> Selection | Reason:
    """Choose the newest version among `releases`, all of them and in any order.

    A pattern that is not RE2 is a Reason.  The newest version may be older than the spec's; for a
    branch that is still at the pinned commit, it is the spec's own.
    """
    if package.upstream is not None and package.upstream.kind == "branch":
        return _of_branch(package, releases)
    funnel = _funnel(package)
    if isinstance(funnel, Reason):
        return funnel
    dropped: list[Dropped] = []
    accepted: list[Candidate] = []
    aliases = _aliases(releases, funnel)
    own_matters = aliases or funnel.stream
    for release in releases:
        found = _candidate(release, funnel)
        if own_matters and isinstance(found, Candidate):
            found = _own(found, funnel, aliases)
        if isinstance(found, Dropped):
            dropped.append(found)
        else:
            accepted.append(found)
    # Two names may give one version (`v1.0` and `1.0`): the upstream's order must not matter.
    accepted.sort(key=lambda c: (order_key(c.version), c.release.name), reverse=True)
    return Selection(accepted[0] if accepted else None, tuple(dropped), tuple(accepted[1:]))


def find(package: Package, releases: Sequence[Release], wanted: str) -> Candidate | None:
    """Find a version, by its number or its name upstream, whatever the filters would drop.

    Withdrawn releases are not found, and neither are versions outside the grammar.
    """
    funnel = _funnel(package)
    if isinstance(funnel, Reason):
        return None
    for release in releases:
        if release.draft or release.yanked or not fits(release.name):
            continue
        version = _stripped(release.name, funnel)
        if version is not None and wanted in (version, release.name):
            return Candidate(release, version)
    return None


def _stripped(name: str, funnel: _Funnel) -> Version | None:
    """Read the version out of a name by the update block, or by what is left after a prefix."""
    found = _transformed(_with_dots(_bare(name, funnel.block), funnel.block), funnel)
    return found or parse(name.removeprefix("v"))


def _funnel(package: Package) -> _Funnel | Reason:
    block = package.update
    texts = [*block.ignore_regex_patterns, *(rule.match for rule in block.version_transform)]
    patterns: list[Pattern] = []
    for text in texts:
        pattern = compile_pattern(text)
        if isinstance(pattern, BadPattern):
            detail = f"{text[:80]!r}: {pattern.because}"
            return Reason(ReasonCode.INVALID_REGEX, detail, Where(package.path, 1))
        patterns.append(pattern)
    ignored = len(block.ignore_regex_patterns)
    replaces = (rule.replace for rule in block.version_transform)
    return _Funnel(
        block,
        tuple(patterns[:ignored]),
        tuple(zip(patterns[ignored:], replaces, strict=True)),
        stream_of(package.name, package.version),
    )


def _candidate(release: Release, funnel: _Funnel) -> Candidate | Dropped:
    # Called for each of a distro's hundred thousands of names, so it calls little.
    name, block, filters = release.name, funnel.block, funnel.block.filters
    if because := _unwanted(release, block):
        return Dropped(name, because)
    if not fits(name):
        return Dropped(name[:80], "name too long")
    if not name.startswith(filters.prefix) or filters.contains not in name:
        return Dropped(name, "tag filter")
    text = name.removeprefix(filters.strip_prefix).removesuffix(filters.strip_suffix)
    if funnel.ignored and _is_ignored(text, funnel):
        return Dropped(name, "ignore pattern")
    if block.version_separator:
        text = _with_dots(text, block)
    if not block.enable_prerelease_tags and _has_prerelease_word(text):
        return Dropped(name, PRERELEASE_WORD)
    version = _transformed(text, funnel) if funnel.transforms else parse(text)
    return Dropped(name, "not a version") if version is None else Candidate(release, version)


def _is_ignored(text: str, funnel: _Funnel) -> bool:
    return any(pattern.found_in(text) for pattern in funnel.ignored)


def _own(found: Candidate, funnel: _Funnel, aliases: Mapping[str, str]) -> Candidate | Dropped:
    """Drop a version that is not this package's, and a name that stands for another one."""
    name, version = found.release.name, found.version
    if name in aliases:
        return Dropped(name, f"alias of {aliases[name]}")
    if not funnel.stream or is_inside(funnel.stream, version):
        return found
    because = f"outside the version stream {funnel.stream}"
    return Dropped(name, because, version, ReasonCode.LEAVES_STREAM)


def _aliases(releases: Sequence[Release], funnel: _Funnel) -> Mapping[str, str]:
    """Return each name that is the beginning of another name of the same commit: alias → name.

    `v2` beside `v2.0.1` is an alias, also of a pre-release, which the filters drop.
    """
    together: defaultdict[Sha, dict[str, str]] = defaultdict(dict)
    shared = _shared_commits(releases)
    for release in releases if shared else ():
        commit = release.commit
        if commit is not None and commit in shared and fits(release.name):
            text = _with_dots(_bare(release.name, funnel.block), funnel.block)
            together[commit][release.name] = text
    aliases: dict[str, str] = {}
    for names in together.values():
        if len(names) == 1:
            continue
        longest: dict[str, str] = {}
        for name, text in sorted(names.items(), key=lambda each: len(each[1])):
            longest.update((text[: dot.start()], name) for dot in _INNER_DOT.finditer(text))
        aliases |= {name: longest[text] for name, text in names.items() if text in longest}
    return aliases


def _shared_commits(releases: Sequence[Release]) -> AbstractSet[Sha]:
    """Return the commits that several releases have: few names are ever worth a closer look."""
    counted = Counter(map(attrgetter("commit"), releases))
    return {commit for commit, names in counted.items() if commit is not None and names > 1}


def _unwanted(release: Release, block: UpdateBlock) -> str:
    """Return why the publisher does not recommend a release; empty when nothing is against it."""
    if release.draft:
        return "draft"
    if release.yanked:
        return "yanked"
    if release.unreleased:
        return UNRELEASED
    return "pre-release" if release.prerelease and not block.enable_prerelease_tags else ""


def _bare(name: str, block: UpdateBlock) -> str:
    filters = block.filters
    return name.removeprefix(filters.strip_prefix).removesuffix(filters.strip_suffix)


def _with_dots(text: str, block: UpdateBlock) -> str:
    return text.replace(block.version_separator, ".") if block.version_separator else text


def _has_prerelease_word(text: str) -> bool:
    # Numbers and points, which most texts are, hold no word: that is seen faster.
    numbers = text.replace(".", "").isdecimal()
    return not numbers and _PRERELEASE_WORDS.search(text) is not None


def _transformed(text: str, funnel: _Funnel) -> Version | None:
    for pattern, replace in funnel.transforms:
        if not fits(text):
            return None
        text = pattern.replace_all(text, replace)
    return parse(text)


def _of_branch(package: Package, releases: Sequence[Release]) -> Selection:
    head = releases[0] if releases else None
    if head is None:
        return Selection(None)
    if head.commit is not None and head.commit == _pinned(package):
        return Selection(Candidate(head, package.version))
    if head.commit is None or head.committed is None:
        return Selection(None, (Dropped(head.name, "no commit or no commit date"),))
    base = package.version.partition("_git")[0]
    version = parse(f"{base}_git{head.committed:%Y%m%d}")
    if version is None:
        return Selection(None, (Dropped(head.name, "not a version"),))
    return Selection(Candidate(head, version))


def _pinned(package: Package) -> Sha | None:
    """Return the pinned commit of the branch that the spec follows."""
    upstream = package.upstream
    if upstream is None:
        return None
    ref = f"refs/heads/{upstream.branch}" if upstream.branch else "HEAD"
    return next(
        (p.commit for p in package.pins if (p.repository, p.ref) == (upstream.identifier, ref)),
        None,
    )

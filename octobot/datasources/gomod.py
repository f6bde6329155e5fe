"""What a release's `go.mod` requires, read from the forge's address of the raw file.

Source: go.dev/ref/mod#go-mod-file and golang.org/x/mod/modfile.  A `replace` by another version of
the same module decides what is really built, so that version counts.  A fork's number says nothing
about the module that it replaces, and a folder has none: nothing is known of such a module.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from urllib.parse import quote

from octobot.model.addresses import split
from octobot.model.lookup import HttpRequest, HttpResponse, Request, Response

_OK = 200
_LARGEST = 1 << 20
_FORGEJO = frozenset({"codeberg.org", "dev.lovelyhq.com"})
"""Those whose host name does not say so."""
_GITLAB = frozenset({"salsa.debian.org", "invent.kde.org", "code.videolan.org"})
"""Hosts of GitLab whose name does not say so."""


_CANONICAL = re.compile(r"v[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_TOKEN = re.compile(
    r"""[ \t\r]*(?:
        "(?P<quoted>[^"\\\n]+)" | `(?P<raw>[^`\n]+)`
        | (?P<mark>=>|[()\[\]{},])
        | (?P<word>(?!//|/\*)[^\s()\[\]{},"`](?:(?!//)[^\s()\[\]{},])*)
    )""",
    re.VERBOSE,
)
_END = re.compile(r"[ \t\r]*(?://.*)?", re.DOTALL)

Reading = Callable[[str], Mapping[str, str]]
"""From the text of a `go.mod` to the version that is built of each module that it requires."""


def _inside(directory: str) -> str:
    parts = [part for part in directory.split("/") if part not in {"", "."}]
    return "/".join([*parts, "go.mod"])


def raw_address(repository: str, ref: str, path: str) -> str | None:
    """Return the address of a file of a repository at a ref; None for an unknown forge."""
    parts = split(repository)
    if parts is None or parts.scheme not in {"http", "https"} or ".." in path.split("/"):
        return None
    host, project = parts.netloc.lower(), parts.path.strip("/").removesuffix(".git")
    kind, _, name = ref.removeprefix("refs/").partition("/")
    if not project:
        return None
    project, full, name, path = (quote(text) for text in (project, ref, name, path))
    if host == "github.com":
        return f"https://raw.githubusercontent.com/{project}/{full}/{path}"
    if _is_gitlab(host):
        return f"https://{host}/{project}/-/raw/{name or full}/{path}{_QUERY.get(kind, '')}"
    if _is_forgejo(host) and kind in _FOLDER:
        return f"https://{host}/{project}/raw/{_FOLDER[kind]}/{name}/{path}"
    return None


def _is_gitlab(host: str) -> bool:
    return host.startswith(("gitlab.", "git.gitlab.")) or host in _GITLAB


def _is_forgejo(host: str) -> bool:
    return host.startswith(("gitea.", "forgejo.")) or host in _FORGEJO


_QUERY = {"tags": "?ref_type=tags", "heads": "?ref_type=heads"}
_FOLDER = {"tags": "tag", "heads": "branch"}


@dataclass(frozen=True, slots=True)
class _Replacement:
    """One `replace`, for the module that it is about."""

    old: str
    """The only version that it replaces; empty: every one."""
    path: str
    version: str
    """Empty: a folder."""


def read_go_mod(text: str) -> Mapping[str, str]:
    """Return the version that is built of each module; modules with an unknown version are absent.

    A line outside the grammar makes everything unknown: Go does not read such a file at all.
    """
    required: dict[str, str] = {}
    excluded: dict[str, set[str]] = defaultdict(set)
    replaced: dict[str, set[_Replacement]] = defaultdict(set)
    for verb, words in directives(text):
        match verb, words:
            case "require", [module, version]:
                required[module] = version
            case "exclude", [module, version]:
                excluded[module].add(version)
            case "replace", [module, *rest] if new := _replacement(rest):
                replaced[module].add(new)
            case (("" | "require" | "exclude" | "replace"), _):
                return {}
    built = {
        module: _built(module, version, replaced[module])
        for module, version in required.items()
        # A requirement of what is excluded counts for nothing.
        if not any(_might_be(each, version) for each in excluded[module])
    }
    return {module: version for module, version in built.items() if version}


def _replacement(words: list[str]) -> _Replacement | None:
    match words:
        case ["=>", path]:
            return _Replacement("", path, "")
        case ["=>", path, version]:
            return _Replacement("", path, version)
        case [old, "=>", path]:
            return _Replacement(old, path, "")
        case [old, "=>", path, version]:
            return _Replacement(old, path, version)
        case _:
            return None


def _built(module: str, required: str, replaced: AbstractSet[_Replacement]) -> str:
    """Return the version that is built of a required module; empty when that is not known.

    A replacement of exactly this version goes before one of every version.
    """
    chosen = {(one.path, one.version) for one in replaced if one.old == required}
    if not chosen:
        if any(one.old and _might_be(one.old, required) for one in replaced):
            return ""
        chosen = {(one.path, one.version) for one in replaced if not one.old}
    if not chosen:
        return required
    path, version = min(chosen)
    # Go refuses two replacements of one version.
    return version if path == module and len(chosen) == 1 else ""


def _might_be(old: str, required: str) -> bool:
    """Return whether Go may resolve both to one version; it resolves what is not canonical."""
    if not _CANONICAL.fullmatch(old) or not _CANONICAL.fullmatch(required):
        return True
    return old.partition("+")[0] == required.partition("+")[0]


def directives(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each directive's verb and words, those in blocks one by one.

    The verb is empty for a line that is not of the grammar.
    """
    block = ""
    for line in text.split("\n"):
        words = _words(line)
        match words:
            case None:
                yield "", []
            case []:
                pass
            case [")"] if block:
                block = ""
            case [verb, "("] if not block and verb.isidentifier():
                block = verb
            case _ if not {"(", ")"}.isdisjoint(words or ()):
                yield "", []
            case [*inside] if block:
                yield block, inside
            case [verb, *rest]:
                yield (verb if verb.isidentifier() else ""), rest
    if block:
        yield "", []


def _words(line: str) -> list[str] | None:
    """Cut a line into words and marks, without its comment; None when it has other things."""
    words: list[str] = []
    at = 0
    while not _END.fullmatch(line, at):
        token = _TOKEN.match(line, at)
        if token is None:
            return None
        words += [each for each in token.groups() if each is not None]
        at = token.end()
    return words


def go_mod(
    repository: str, ref: str, directory: str = ".", read: Reading = read_go_mod
) -> Generator[Request, Response, Mapping[str, str] | None]:
    """Return module path to version, from the `go.mod` at `ref`; None when it does not exist."""
    address = raw_address(repository, ref, _inside(directory))
    if address is None:
        return None
    answer = yield HttpRequest(address, limit=_LARGEST)
    if not isinstance(answer, HttpResponse) or answer.status != _OK:
        return None
    # A forge that wants a login answers 200 with a page.
    if answer.headers.get("content-type", "").startswith("text/html"):
        return None
    return read(answer.body.decode(errors="replace"))

"""What a release's `go.mod` asks for, read from the forge's address of the raw file.

Source: go.dev/ref/mod#go-mod-file.  A `replace` with a version says what is really built, so its
version counts for the module that it replaces; a `replace` by a folder says no version.
"""

from collections.abc import Generator, Iterator, Mapping
from urllib.parse import quote, urlsplit

from octobot.model.lookup import HttpRequest, HttpResponse, Request, Response

_OK = 200
_LARGEST = 1 << 20
_FORGEJO = frozenset({"codeberg.org", "dev.lovelyhq.com"})
"""Those whose host name does not say so."""
_GITLAB = frozenset({"salsa.debian.org", "invent.kde.org", "code.videolan.org"})
"""Hosts of GitLab whose name does not say so."""


def go_mod(
    repository: str, ref: str, directory: str = "."
) -> Generator[Request, Response, Mapping[str, str] | None]:
    """Give module path to version, as the `go.mod` at `ref` requires; None when it is not there."""
    address = raw_address(repository, ref, _inside(directory))
    if address is None:
        return None
    answer = yield HttpRequest(address, limit=_LARGEST)
    if not isinstance(answer, HttpResponse) or answer.status != _OK:
        return None
    # A forge that wants a login answers 200 with a page.
    if answer.headers.get("content-type", "").startswith("text/html"):
        return None
    return read_go_mod(answer.body.decode(errors="replace"))


def _inside(directory: str) -> str:
    parts = [part for part in directory.split("/") if part not in {"", "."}]
    return "/".join([*parts, "go.mod"])


def raw_address(repository: str, ref: str, path: str) -> str | None:
    """Give the address of a file of a repository at a ref; None for a forge that we do not know."""
    split = urlsplit(repository)
    host, project = split.netloc.lower(), split.path.strip("/").removesuffix(".git")
    kind, _, name = ref.removeprefix("refs/").partition("/")
    if split.scheme not in {"http", "https"} or not project or ".." in path.split("/"):
        return None
    project, full, name, path = (quote(text) for text in (project, ref, name, path))
    if host == "github.com":
        return f"https://raw.githubusercontent.com/{project}/{full}/{path}"
    if host.startswith(("gitlab.", "git.gitlab.")) or host in _GITLAB:
        return f"https://{host}/{project}/-/raw/{name or full}/{path}{_QUERY.get(kind, '')}"
    if (host.startswith(("gitea.", "forgejo.")) or host in _FORGEJO) and kind in _FOLDER:
        return f"https://{host}/{project}/raw/{_FOLDER[kind]}/{name}/{path}"
    return None


_QUERY = {"tags": "?ref_type=tags", "heads": "?ref_type=heads"}
_FOLDER = {"tags": "tag", "heads": "branch"}


def read_go_mod(text: str) -> Mapping[str, str]:
    """Read module path to version; lines that are not of the grammar count for nothing."""
    required: dict[str, str] = {}
    replaced: list[tuple[str, str, str]] = []
    for verb, words in directives(text):
        match verb, words:
            case "require", [module, version]:
                required[module] = version
            case "replace", [module, "=>", _, version]:
                replaced.append((module, "", version))
            case "replace", [module, old, "=>", _, version]:
                replaced.append((module, old, version))
            case _:
                pass
    for module, old, version in replaced:
        if required.get(module) == old or (not old and module in required):
            required[module] = version
    return required


def directives(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each directive's verb and words, those in blocks one by one."""
    block = ""
    for line in text.splitlines():
        words = [word.strip('"`') for word in line.partition("//")[0].split()]
        match words:
            case []:
                pass
            case [")"]:
                block = ""
            case [verb, "("] if not block:
                block = verb
            case [verb, *rest]:
                yield (block, words) if block else (verb, rest)

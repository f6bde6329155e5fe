"""A server's list of refs, in each form that servers use.

Protocol v2 answers `ls-refs`; older servers list every ref at once in `info/refs`; a folder of
files behind a plain web server has the same list as text.
Source: gitprotocol-v2(5), gitprotocol-http(5), gitrepository-layout(5).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from octobot.datasources.gitwire.pktline import message, packet, unpack
from octobot.model.ids import Sha, read_sha

_PEELED = "^{}"


@dataclass(frozen=True, slots=True)
class Ref:
    """One ref as the server listed it."""

    name: str
    oid: Sha
    """What the ref itself names: a commit, or the object of an annotated tag."""
    peeled: Sha | None = None
    """What an annotated tag names in the end; None when there was nothing to peel."""
    target: str = ""
    """The ref that this one (`HEAD`) points to; empty when it is not symbolic."""

    @property
    def commit(self) -> Sha:
        """The commit in the end."""
        return self.peeled or self.oid


Protocol = Literal["v2", "v0", "dumb"]


@dataclass(frozen=True, slots=True)
class Advertised:
    """The refs of a repository, and how to send more requests to its server."""

    base: str
    """The repository's URL, after redirects."""
    protocol: Protocol
    refs: Mapping[str, Ref]
    mark: str = ""
    """The digest that recognises the same answer before it is read."""


@dataclass(frozen=True, slots=True)
class Capable:
    """A server announced protocol v2, and lists refs only on request."""


def ls_refs(prefixes: Sequence[str]) -> bytes:
    """Write the question for all refs that start with one of `prefixes`."""
    wanted = (f"ref-prefix {prefix}" for prefix in prefixes)
    return message("ls-refs", arguments=["peel", "symrefs", *wanted])


def read_ls_refs(body: bytes) -> Mapping[str, Ref] | None:
    """Read the answer to `ls_refs`; None when it is cut off, an error, or something else."""
    packets = unpack(body)
    if not packets.whole:
        return None
    refs: dict[str, Ref] = {}
    for line in packets.lines:
        ref = _ref(_text(line))
        if ref is None:
            return None
        refs[ref.name] = ref
    return refs


def _ref(line: str) -> Ref | None:
    words = line.split(" ")
    oid = read_sha(words[0])
    if oid is None or len(words) == 1:
        # "unborn HEAD" is the one line without an id that a sane server may send.
        return None
    ref = Ref(words[1], oid)
    for attribute in words[2:]:
        key, _, value = attribute.partition(":")
        if key == "peeled":
            ref = replace(ref, peeled=read_sha(value))
        elif key == "symref-target":
            ref = replace(ref, target=value)
    return ref


def read_info_refs(body: bytes) -> Mapping[str, Ref] | Capable | None:
    """Read the smart `info/refs`: all refs (v0, v1), or only that the server speaks v2."""
    packets = unpack(body)
    lines = [_text(line) for line in packets.lines if not line.startswith(b"# service=")]
    if not packets.whole or not lines:
        return None
    if lines[0] == "version 2":
        return Capable()
    if lines[0] == "version 1":
        lines = lines[1:]
    return _listed(line.split("\0")[0] for line in lines) | _head(lines)


def _listed(lines: Iterable[str]) -> dict[str, Ref]:
    refs: dict[str, Ref] = {}
    for line in lines:
        text, _, name = line.replace("\t", " ").partition(" ")
        oid = read_sha(text)
        if oid is None or name == f"capabilities{_PEELED}":
            continue  # the latter is how an empty repository says what it can do
        if name.endswith(_PEELED) and (tag := refs.get(name.removesuffix(_PEELED))):
            refs[tag.name] = replace(tag, peeled=oid)
        else:
            refs[name] = Ref(name, oid)
    return refs


def _head(lines: Sequence[str]) -> dict[str, Ref]:
    first, _, capabilities = lines[0].partition("\0") if lines else ("", "", "")
    oid = read_sha(first.partition(" ")[0])
    for word in capabilities.split(" "):
        if oid and word.startswith("symref=HEAD:") and first.endswith(" HEAD"):
            return {"HEAD": Ref("HEAD", oid, target=word.removeprefix("symref=HEAD:"))}
    return {}


def read_dumb_refs(body: bytes) -> Mapping[str, Ref] | None:
    """Read the `info/refs` that `git update-server-info` leaves; None when it is another text."""
    lines = body.decode(errors="replace").splitlines()
    if not all(read_sha(line.partition("\t")[0]) for line in lines):
        return None
    return _listed(lines)


def _text(line: bytes) -> str:
    # A name that is not UTF-8 cannot become a version; the replacement keeps it out of the grammar.
    return line.decode(errors="replace").removesuffix("\n")


def want(commit: Sha, protocol: Protocol, *, filtered: bool) -> bytes:
    """Write the request for one commit without its history, and without its files if `filtered`."""
    if protocol == "v0":
        wanted = packet(f"want {commit} side-band-64k no-progress agent=octobot")
        return b"".join([wanted, packet("deepen 1"), b"0000", packet("done")])
    trees = ["filter tree:0"] if filtered else []
    return message("fetch", arguments=["no-progress", f"want {commit}", "deepen 1", *trees, "done"])


def want_beyond(commit: Sha, known: Sha) -> bytes:
    """Write the request for what `commit` has and `known` has not."""
    arguments = ["no-progress", f"want {commit}", f"have {known}", "done"]
    return message("fetch", arguments=arguments)

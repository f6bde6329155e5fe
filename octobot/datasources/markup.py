"""Read untrusted XML by expat, without document types.

defusedxml would do it, but its last release is of 2021; the standard library's expat, with every
document type refused where it begins, leaves no entity to expand and nothing to load.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

DEEPEST = 64
"""Levels of elements."""

Ended = Callable[[tuple[str, ...], Mapping[str, str], str], None]
"""Called at each element's end with its path of local names, its attributes and its own text."""


class _Refused(Exception):  # noqa: N818  (never leaves this module: an expat callback has no other way to stop)
    """The document contains what is not read."""


@dataclass(slots=True)
class _Reader:
    ended: Ended
    path: list[str] = field(default_factory=list)
    attributes: list[Mapping[str, str]] = field(default_factory=list)
    texts: list[list[str]] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.path) >= DEEPEST:
            raise _Refused
        self.path.append(name.rpartition(" ")[2])
        self.attributes.append(attributes)
        self.texts.append([])

    def text(self, text: str) -> None:
        self.texts[-1].append(text)

    def end(self, _: str) -> None:
        text = "".join(self.texts.pop()).strip()
        self.ended(tuple(self.path), self.attributes.pop(), text)
        self.path.pop()

    def refuse(self, *_: object) -> None:
        raise _Refused


def parse(body: bytes, ended: Ended) -> bool:
    """Read a whole document; False when it is not XML, nests too deep or has a document type."""
    reader = _Reader(ended)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003  (its own signature)
    # An encoding that Python does not know is a LookupError, one that is no text's a ValueError.
    except (expat.ExpatError, _Refused, LookupError, ValueError):
        return False
    return True

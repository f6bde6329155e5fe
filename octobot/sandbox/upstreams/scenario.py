"""The scenario of the sample distro's upstreams, read from data: their state, news and outcome.

`fixtures/world.yaml` describes repositories commit by commit and files byte by byte, so everything
has the same ids on every machine; `news` are the steps published later, and `expectations` what the
bot must make of them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import yaml

from octobot.model.reasons import ReasonCode
from octobot.sandbox.upstreams.git import Commit, ReleaseKind, written
from octobot.sandbox.upstreams.pages import packed
from octobot.sandbox.upstreams.upstreams import Upstreams

Node: TypeAlias = "str | list[Node] | dict[str, Node]"

_BEGINNING = "the beginning"


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expected outcome of one package after all news."""

    package: str
    code: ReasonCode
    version: str | None = None
    """The spec's version on the default branch, where the code is `merged`."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that upstreams publish at one moment."""

    title: str
    repositories: Mapping[str, tuple[Commit, ...]]
    """URL → commits on top of what is there."""
    files: Mapping[str, bytes]
    """Address → content; published before the commits."""
    after: tuple[Expectation, ...] = ()
    """What must be true before this step is published."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """The initial state, the later news, and the expected outcome."""

    beginning: Step
    news: tuple[Step, ...]
    expectations: tuple[Expectation, ...]
    distro: Path
    """The folder of the distro with these upstreams."""

    @classmethod
    def load(cls, path: Path) -> "Scenario":
        """Read a scenario, whose distro is beside it; `ValueError` when it is invalid."""
        root = _mapping(yaml.load(path.read_bytes(), Loader=yaml.BaseLoader))  # noqa: S506  (BaseLoader makes nothing but text)
        steps = [_mapping(node) for node in _sequence(root.pop("news", []))]
        expectations = _mapping(root.pop("expectations", {}))
        return cls(
            beginning=_step({"title": _BEGINNING, **root}),
            news=tuple(map(_step, steps)),
            expectations=_expectations(expectations),
            distro=path.parent / "distro",
        )

    def distro_files(self) -> dict[str, bytes]:
        """Read the distro: path → content, of every file in it."""
        files = sorted(path for path in self.distro.rglob("*") if path.is_file())
        return {path.relative_to(self.distro).as_posix(): path.read_bytes() for path in files}

    async def build(self, upstreams: Upstreams) -> None:
        """Build the initial state, unless it was built before a restart."""
        await self.publish(self.beginning, upstreams)

    async def publish(self, step: Step, upstreams: Upstreams) -> None:
        """Publish one step of the news, unless it was published before a restart."""
        for uri, content in step.files.items():
            upstreams.put_file(uri, content)
        for url, commits in step.repositories.items():
            await upstreams.write(url, commits, once=step.title)

    async def publish_news(
        self, upstreams: Upstreams, ready: Callable[[Step], Awaitable[None]]
    ) -> AsyncIterator[Step]:
        """Publish all news in order, each after `ready` returned for it; yield the published step.

        `ready` waits until what the step's `after` names is reached; it is not asked for what was
        out before a restart.
        """
        for step in self.news:
            if not await _is_out(step, upstreams):
                await ready(step)
            await self.publish(step, upstreams)
            yield step


async def _is_out(step: Step, upstreams: Upstreams) -> bool:
    sources = [upstreams.locate(url) for url in step.repositories]
    return bool(sources) and all(
        [source and await written(source.git_dir, step.title) for source in sources]
    )


def _step(node: Mapping[str, Node]) -> Step:
    fields = dict(node)
    title = _text(fields.pop("title"))
    repositories = _mapping(fields.pop("repositories", {}))
    files = _mapping(fields.pop("files", {}))
    after = _mapping(fields.pop("after", {}))
    _nothing_left(fields, title)
    return Step(
        title,
        {url: tuple(_commit(_mapping(c)) for c in _sequence(r)) for url, r in repositories.items()},
        {uri: _content(_mapping(file)) for uri, file in files.items()},
        tuple(Expectation(name, ReasonCode(_text(code))) for name, code in after.items()),
    )


def _commit(node: Mapping[str, Node]) -> Commit:
    fields = dict(node)
    made = Commit(
        message=_text(fields.pop("message")),
        at=datetime.fromisoformat(_text(fields.pop("at"))),
        files=_files(fields.pop("files")),
        tags=tuple(map(_text, _sequence(fields.pop("tags", [])))),
        annotated=fields.pop("annotated", "false") == "true",
        release=_release(fields.pop("release", "")),
        moves=fields.pop("moves", "false") == "true",
    )
    _nothing_left(fields, made.message)
    return made


def _release(node: Node) -> ReleaseKind | None:
    match node:
        case "full" | "prerelease" | "draft":
            return node
        case "":
            return None
        case _:
            raise ValueError(f"{node!r} is no kind of release")


def _content(node: Mapping[str, Node]) -> bytes:
    return packed(_files(node["tar"])) if "tar" in node else _text(node["text"]).encode()


def _files(node: Node) -> dict[str, bytes]:
    return {path: _text(text).encode() for path, text in _mapping(node).items()}


def _expectations(nodes: Mapping[str, Node]) -> tuple[Expectation, ...]:
    fields = {package: _mapping(node) for package, node in nodes.items()}
    return tuple(
        Expectation(
            package, ReasonCode(_text(node["code"])), _text(node.get("version", "")) or None
        )
        for package, node in fields.items()
    )


def _nothing_left(fields: Mapping[str, Node], where: str) -> None:
    if fields:
        raise ValueError(f"{where}: unknown keys {sorted(fields)}")


def _mapping(node: Node) -> dict[str, Node]:
    if not isinstance(node, dict):
        raise ValueError(f"{node!r} is not a mapping")  # noqa: TRY004  (the file's fault, not a type's)
    return node


def _sequence(node: Node) -> Sequence[Node]:
    if not isinstance(node, list):
        raise ValueError(f"{node!r} is not a list")  # noqa: TRY004  (the file's fault, not a type's)
    return node


def _text(node: Node) -> str:
    if not isinstance(node, str):
        raise ValueError(f"{node!r} is not a text")  # noqa: TRY004  (the file's fault, not a type's)
    return node

"""Whatever an upstream or a spec makes octobot raise costs that one package, on the real pass."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from octobot.flows.lookup.contain import Caught
from octobot.flows.watch.survey import survey
from octobot.flows.watch.watch import watch
from octobot.model.errors import Misconfigured, TryLater
from octobot.model.ids import Sha
from octobot.model.lookup import (
    GraphQLRequest,
    GraphQLResponse,
    HttpRequest,
    HttpResponse,
    Request,
    Response,
)
from octobot.model.package import Package
from octobot.model.reasons import Reason, ReasonCode
from octobot.specs.read.cache import Reader
from tests.flows.watching import CHECKOUT, GITHUB, MINUTE, Stage, Upstreams

ERRORS: list[Exception] = [
    ValueError("Invalid IPv6 URL"),
    KeyError("tags"),
    RecursionError("too deep"),
    UnicodeError("label empty"),
    AssertionError("impossible"),
    MemoryError(),
    StopIteration(),
    OSError("gone"),
    ExceptionGroup("two", [ValueError("a"), KeyError("b")]),
]
SOURCES = {
    "github": GITHUB.format("o/{0}"),
    "git": "git:",
    "oci": "oci:\n    identifier: {0}.example/o/{0}",
    "release-monitor": "release-monitor:\n    identifier: {1}",
}
NAMES = ("b", "c", "d", "e", "evil", "f", "g")


class Poison(dict[str, str]):
    """A part of an answer that nobody can read."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get(self, *_: object) -> str:
        """Raise what the test wants."""
        raise self.error

    def __iter__(self) -> Iterator[str]:
        raise self.error


@dataclass
class Hostile(Upstreams):
    """Upstreams, of which some make their reader or their client raise."""

    poison: Exception | None = None
    answers: dict[str, HttpResponse] = field(default_factory=dict)
    """By a part of the address."""

    async def send(self, request: Request) -> Response:
        """Answer one request; `evil` is poisoned."""
        if isinstance(request, GraphQLRequest):
            return self._poisoned(request, self._graphql(request))
        for part, answer in self.answers.items():
            if part in request.url:
                return answer
        evil = "evil" in request.url or "project_id=5" in request.url
        if evil and "project_id" in request.url and self.poison:
            raise self.poison
        found = self._git(request) if "git-upload-pack" in request.url else self._document(request)
        assert isinstance(found, HttpResponse)
        return replace(found, headers=Poison(self.poison)) if evil and self.poison else found

    def _poisoned(self, request: GraphQLRequest, answer: GraphQLResponse) -> Response:
        data = dict(answer.data or {})
        for alias, told in data.items():
            if isinstance(told, Mapping) and told.get("nameWithOwner") == "o/evil" and self.poison:
                data[alias] = Poison(self.poison)
        self.asked.append(f"query of {len(request.variables)}")
        return GraphQLResponse(data, answer.errors)

    def _document(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request.url)
        told = {"tags": ["v1.0"], "versions": ["1.0"], "stable_versions": ["1.0"]}
        return HttpResponse(200, {}, json.dumps(told).encode(), request.url)


def hostile(stage: Stage, source: str, poison: Exception | None) -> Hostile:
    """Add a package for each name to the stage, all of one datasource."""
    made = Hostile(dict(stage.upstreams.tags), poison=poison)
    stage.upstreams = made
    for number, name in enumerate(NAMES, start=1):
        made.tags[f"o/{name}"] = made.tags[f"https://{name}.example/x"] = ["v1.0"]
        stage.given(name, "1.0", SOURCES[source].format(name, number))
        if source == "git":
            stage.distro.specs[name] += CHECKOUT.format(f"https://{name}.example/x", "v1.0")
    return made


async def codes(stage: Stage) -> dict[str, ReasonCode]:
    """Return every package's reason."""
    return {name: (await stage.row(name)).reason.code for name in NAMES}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep structlog from drawing every traceback with all its locals, which takes seconds."""
    with capture_logs():
        yield


FINE = dict.fromkeys(NAMES, ReasonCode.UP_TO_DATE)


@pytest.mark.parametrize("source", SOURCES)
async def test_whatever_is_raised_costs_one_package(stage: Stage, source: str) -> None:
    """One log line and one reason; the others are looked at, and it heals with its upstream."""
    upstreams = hostile(stage, source, None)
    for error in ERRORS:
        upstreams.poison = error
        with capture_logs() as logs:
            await stage.look(after=MINUTE * 15)
        assert await codes(stage) == {**FINE, "evil": ReasonCode.INTERNAL_ERROR}
        assert len([line for line in logs if line.get("exc_info")]) == 1
        upstreams.poison = None
        await stage.look(after=MINUTE * 15)
        assert await codes(stage) == FINE


async def test_nobody_is_asked_twice_because_another_one_failed(stage: Stage) -> None:
    """Hosts are asked one after another; on GitHub the culprit is found by halves."""
    upstreams = hostile(stage, "release-monitor", KeyError("x"))
    await stage.look()
    upstreams.asked = [one for one in upstreams.asked if "project_id" in one]
    assert len(set(upstreams.asked)) == len(upstreams.asked) == len(NAMES) - 1
    upstreams = hostile(stage, "github", KeyError("x"))
    await stage.look(after=timedelta(days=2))
    assert len([one for one in upstreams.asked if one.startswith("query")]) <= 7


async def test_several_at_once_are_each_found(stage: Stage) -> None:
    """Every culprit is alone in the end, whatever the number."""
    upstreams = hostile(stage, "github", KeyError("x"))
    for name in ("evil2", "evil3"):
        upstreams.tags["o/evil"] = ["v1.0"]
        stage.given(name, "1.0", GITHUB.format("o/EVIL"))
    await stage.look()
    assert (await stage.row("evil2")).reason.code is ReasonCode.INTERNAL_ERROR
    assert await codes(stage) == {**FINE, "evil": ReasonCode.INTERNAL_ERROR}


async def test_a_failure_keeps_the_target(stage: Stage) -> None:
    """What was found before is not "all gone" because it cannot be read now."""
    upstreams = hostile(stage, "github", None)
    upstreams.tags["o/evil"].insert(0, "v1.1")
    await stage.look()
    before = await stage.row("evil")
    upstreams.poison = KeyError("x")
    for _ in range(4):
        await stage.look()
    row = await stage.row("evil")
    assert (row.target, row.reason, row.missed) == (before.target, before.reason, 0)
    assert row.target


@pytest.mark.parametrize(
    "error",
    [
        TryLater("down", after=MINUTE),
        Misconfigured("no key"),
        ExceptionGroup("both", [ValueError("x"), TryLater("down", after=MINUTE)]),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_the_whole_pass_must_hear_is_heard(stage: Stage, error: Exception) -> None:
    """An outside that is not ready and a setup to be corrected are no upstream's own fault."""
    hostile(stage, "release-monitor", error)
    with pytest.raises(ExceptionGroup) as raised:
        await stage.look()
    assert raised.value.subgroup((TryLater, Misconfigured))


async def test_a_pass_that_is_cancelled_ends(stage: Stage) -> None:
    """A stop is not taken for a fault of the upstream that is being asked."""
    asked = asyncio.Event()

    class Slow(Upstreams):
        async def send(self, request: Request) -> Response:
            asked.set()
            await asyncio.Event().wait()
            return await super().send(request)

    stage.upstreams = Slow(stage.upstreams.tags)
    passing = asyncio.create_task(watch(stage.world()))
    await asked.wait()
    passing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await passing
    assert (await stage.row()).reason.code is ReasonCode.NOT_LOOKED_YET


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_what_is_no_exception_is_let_through(error: type[BaseException]) -> None:
    """Only faults are caught, not the end of the process."""
    with pytest.raises(error), Caught():
        raise error


class Odd(Reader):
    """A reader with a bug."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error: Exception | None = error

    def read(self, path: str, blob: Sha, text: str) -> Package | Reason:
        """Fail at one spec."""
        if path == "evil.yaml" and self.error:
            raise self.error
        return super().read(path, blob, text)


async def test_a_spec_that_its_reader_cannot_bear_costs_itself(stage: Stage) -> None:
    """The same for the readers of specs; the next look reads it again."""
    hostile(stage, "github", None)
    world = replace(stage.world(), reader=(odd := Odd(ERRORS[0])))
    for number, error in enumerate(ERRORS):
        odd.error = error
        stage.distro.specs["evil"] += f"# {number}\n"
        stage.now += MINUTE * 15
        await watch(world)
        assert await codes(stage) == {**FINE, "evil": ReasonCode.INTERNAL_ERROR}
        odd.error = None
        stage.now += MINUTE * 15
        await watch(world)
        assert await codes(stage) == FINE


@pytest.mark.parametrize(
    "answer",
    [
        HttpResponse(401, {"www-authenticate": 'Bearer realm="https://[::1"'}, b""),
        HttpResponse(401, {"www-authenticate": 'Bearer realm="https://a]b/"'}, b""),
        HttpResponse(401, {"www-authenticate": 'Bearer realm="https://\u2100/"'}, b""),
        HttpResponse(200, {"link": '<https://[>; rel="next"'}, b'{"tags": ["v1.0"]}'),
        HttpResponse(200, {"link": '<//evil.example:x/>; rel="next"'}, b'{"tags": ["v1.0"]}'),
    ],
)
async def test_an_address_in_an_answer_is_taken_apart_safely(
    stage: Stage, answer: HttpResponse
) -> None:
    """An invalid address of a token or of a next page is no bug, and no end of a list."""
    upstreams = hostile(stage, "oci", None)
    upstreams.answers["evil.example"] = answer
    with capture_logs() as logs:
        await stage.look()
    assert not [line for line in logs if line.get("exc_info")]
    found = await codes(stage)
    cut_off = (ReasonCode.UPSTREAM_MISSING, ReasonCode.UPSTREAM_UNREACHABLE)
    assert found.pop("evil") in cut_off
    assert set(found.values()) == {ReasonCode.UP_TO_DATE}


@pytest.mark.parametrize("address", ["https://[bad/x", "https://a]b/x", "https://a:x/y"])
async def test_an_invalid_address_in_a_spec_is_reported(stage: Stage, address: str) -> None:
    """In the App and on a disk the spec has its reason, and the others have theirs."""
    hostile(stage, "git", None)
    text = stage.distro.specs["evil"].replace("https://evil.example/x", address)
    stage.distro.specs["evil"] = text
    await stage.look()
    assert await codes(stage) == {**FINE, "evil": ReasonCode.UNSUPPORTED_SOURCE}
    specs = {f"{name}.yaml": stage.distro.specs[name] for name in NAMES}
    findings = await survey(specs, stage.upstreams)
    said = {finding.name: finding.found.reason.code for finding in findings}
    assert said == {**FINE, "evil": ReasonCode.UNSUPPORTED_SOURCE}


async def test_a_survey_continues_too(stage: Stage) -> None:
    """`octobot check` shows our own bug for one spec, and the truth of the others."""
    for source in SOURCES:
        hostile(stage, source, KeyError("x"))
        specs = {f"{name}.yaml": stage.distro.specs[name] for name in NAMES}
        findings = await survey(specs, stage.upstreams)
        said = {finding.name: finding.found.reason.code for finding in findings}
        assert said == {**FINE, "evil": ReasonCode.INTERNAL_ERROR}

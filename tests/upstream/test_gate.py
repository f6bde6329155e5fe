"""One host's gate: pace, turns at once, and the while that a host is left alone."""

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from octobot.model.lookup import HttpRequest, HttpResponse
from octobot.upstream.exchange import Memory
from octobot.upstream.gate import Gate, Gates, Limits, Time

if TYPE_CHECKING:
    from tests.upstream.conftest import Hosts


def gate_of(hosts: "Hosts", **limits: int) -> Gate:
    """Return a gate in the tests' time."""
    return Gate("host.example", Limits(**limits), hosts.waiting.time)


async def test_a_burst_goes_out_at_once_and_the_rest_in_step(hosts: "Hosts") -> None:
    """Five at once, then one a second; after a rest there is a burst again."""
    gate = gate_of(hosts, burst=5)
    for _ in range(8):
        async with gate.turn():
            pass
    assert hosts.waiting.slept == [1, 1, 1]
    hosts.waiting.now += 3
    for _ in range(4):
        async with gate.turn():
            pass
    assert hosts.waiting.slept == [1, 1, 1, 1]


async def test_only_so_many_are_under_way(hosts: "Hosts") -> None:
    """The third turn of two is given when one of them ends."""
    gate = gate_of(hosts, burst=10, concurrency=2)
    entered = asyncio.Event()

    async def third() -> None:
        async with gate.turn():
            entered.set()

    async with AsyncExitStack() as stack:
        await stack.enter_async_context(gate.turn())
        async with gate.turn():
            task = asyncio.create_task(third())
            for _ in range(10):
                await asyncio.sleep(0)
            assert not entered.is_set()
        await task
    assert entered.is_set()


async def test_those_in_line_are_sent_home_when_the_host_is_given_up() -> None:
    """A turn that was waited for is not given once the host is left alone."""
    now, slept = 0.0, list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        gate.leave_alone(30)

    gate = Gate("host.example", Limits(burst=1), Time(lambda: now, sleep))
    async with gate.turn() as first:
        assert first is None
    async with gate.turn() as second:
        assert second is not None
        assert "30 more seconds" in second.because
    async with gate.turn() as third:
        assert third is not None
    assert slept == [1]


async def test_an_answer_in_between_restarts_the_count(hosts: "Hosts") -> None:
    """Only failures in a row count."""
    gate = gate_of(hosts, failures=2)
    for outcome in (gate.failed, gate.succeeded, gate.failed):
        outcome()
    async with gate.turn() as closed:
        assert closed is None


@pytest.mark.parametrize("asked", [1e12, float("inf")])
async def test_no_host_is_left_alone_for_ever(hosts: "Hosts", asked: float) -> None:
    """Whatever a host asks for or earns, an hour is the longest."""
    gate = gate_of(hosts)
    gate.leave_alone(asked)
    for _ in range(2000):
        gate.failed()
    hosts.waiting.now += 3601
    async with gate.turn() as closed:
        assert closed is None


def test_each_host_has_its_own_gate(hosts: "Hosts") -> None:
    """The same host has the same gate, another one another."""
    gates = Gates(Limits(), hosts.waiting.time)
    assert gates.of("a.example") is gates.of("a.example")
    assert gates.of("a.example") is not gates.of("b.example")


def test_the_memory_of_answers_is_bounded() -> None:
    """The longest unused answer goes first; a large one is not kept at all."""
    memory = Memory(80)
    requests = [HttpRequest(f"https://host.example/{number}") for number in range(10)]
    for request in requests:
        memory.update(request, HttpResponse(200, {"etag": "x"}, bytes(10)))
        memory.update(requests[0], HttpResponse(304, {}, b""))
    kept = [bool(memory.conditions(request)) for request in requests]
    assert kept == [True, False, False, *[True] * 7]
    large = HttpRequest("https://host.example/large")
    memory.update(large, HttpResponse(200, {"etag": "x"}, bytes(11)))
    assert not memory.conditions(large)

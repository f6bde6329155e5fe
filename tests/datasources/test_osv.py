"""OSV.dev: known vulnerabilities of a version, reported completely or not at all."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from octobot.datasources.osv import (
    ADDRESS,
    BATCH_ADDRESS,
    ECOSYSTEMS,
    MOST_PAGES,
    Subject,
    vulnerabilities,
    vulnerable,
)
from octobot.datasources.table import TABLE
from octobot.model.ids import Sha
from octobot.model.lookup import GraphQLResponse, HttpRequest, HttpResponse, Response, Unreachable
from octobot.model.package import Upstream
from octobot.model.reasons import Reason, ReasonCode

RECORDED = Path(__file__).parents[2] / "fixtures" / "upstream" / "osv" / "query.json"
WIDGET = Subject("PyPI", "widget", "2.31.0")


def ok(told: object) -> HttpResponse:
    """Answer JSON."""
    return HttpResponse(200, {}, json.dumps(told).encode())


def ask(*answers: Response, subject: Subject = WIDGET) -> tuple[object, Sequence[HttpRequest]]:
    """Hold the conversation; the last answer is given as often as it is asked for."""
    conversation, asked = vulnerabilities(subject), []
    try:
        request = next(conversation)
        while True:
            assert isinstance(request, HttpRequest)
            asked.append(request)
            request = conversation.send(answers[min(len(asked), len(answers)) - 1])
    except StopIteration as end:
        return end.value, asked


def test_every_page_counts_and_what_was_withdrawn_does_not() -> None:
    """The recorded page has a token: the next page is asked with it."""
    last = ok({"vulns": [{"id": "GHSA-2"}, {"id": "GHSA-2"}]})
    found, asked = ask(HttpResponse(200, {}, RECORDED.read_bytes()), last)
    assert found == {"GHSA-9wx4-h78v-vm56", "GHSA-2"}
    bodies = [json.loads(each.body) for each in asked]
    package = {"ecosystem": "PyPI", "name": "widget"}
    assert bodies[0] == {"version": "2.31.0", "package": package}
    assert bodies[1] == {**bodies[0], "page_token": "c29tZSBvcGFxdWUgdG9rZW4="}
    assert {(each.method, each.url) for each in asked} == {("POST", ADDRESS)}


def test_nothing_known_is_an_answer() -> None:
    """OSV says `{}` of what it knows nothing about."""
    assert ask(ok({}))[0] == frozenset()


def test_a_commit_is_asked_for_by_itself() -> None:
    """For what no registry of OSV's has."""
    subject = Subject.commit(Sha("a" * 40))
    found, asked = ask(ok({"vulns": [{"id": "OSV-2020-1"}]}), subject=subject)
    assert found == {"OSV-2020-1"}
    assert json.loads(asked[0].body) == {"commit": "a" * 40}


@pytest.mark.parametrize(
    "answer",
    [
        Unreachable("timed out"),
        GraphQLResponse({}),
        HttpResponse(503, {}, b"{}"),
        HttpResponse(200, {}, b"<html>"),
        ok([]),
        ok({"vulns": {}}),
        ok({"vulns": [{"summary": "no id"}]}),
        ok({"vulns": [{"id": ""}]}),
        ok({"vulns": ["GHSA-1"]}),
        ok({"vulns": [], "next_page_token": 7}),
        ok({"vulns": [{"id": "GHSA-1"}], "next_page_token": "more"}),
    ],
)
def test_an_incomplete_answer_is_no_answer(answer: Response) -> None:
    """Failures, other forms, and pages without end: no answer speaks for nothing."""
    found, asked = ask(answer)
    assert isinstance(found, Reason)
    assert found.code is ReasonCode.UPSTREAM_UNREACHABLE
    assert len(asked) in {1, MOST_PAGES}


def test_the_registries_are_those_of_the_table() -> None:
    """Every name is a datasource's; what is no registry has no subject."""
    assert ECOSYSTEMS.keys() <= TABLE.keys()
    assert Subject.of(Upstream("pypi", "widget", "releases")) == Subject("PyPI", "widget")
    assert Subject.of(Upstream("git", "https://example.org/widget", "tags")) is None
    assert Subject("PyPI", "widget").at("2.31.0") == WIDGET


def ask_of_many(answer: Response) -> tuple[object, HttpRequest]:
    """Ask of two subjects at once."""
    conversation = vulnerable([WIDGET, Subject.commit(Sha("a" * 40))])
    request = next(conversation)
    assert isinstance(request, HttpRequest)
    with pytest.raises(StopIteration) as end:
        conversation.send(answer)
    return end.value.value, request


def test_many_are_asked_in_one_request() -> None:
    """OSV answers in the order of the questions, `{}` for what it knows nothing about."""
    found, asked = ask_of_many(ok({"results": [{}, {"vulns": [{"id": "OSV-1"}]}]}))
    assert found == (False, True)
    assert asked.url == BATCH_ADDRESS
    first, second = json.loads(asked.body)["queries"]
    assert (first["version"], second) == ("2.31.0", {"commit": "a" * 40})


@pytest.mark.parametrize("answer", [Unreachable("timed out"), ok({}), ok({"results": [{}]})])
def test_half_a_batch_proves_nothing(answer: Response) -> None:
    """An answer that does not fit the questions is refused."""
    assert isinstance(ask_of_many(answer)[0], Reason)

"""What a server's GraphQL does not know: told from other errors, left out, and forgotten."""

import pytest

from octobot.github.repository.git_objects import blob_id
from octobot.github.transport.schema import Unknown, unknown_names
from octobot.model.errors import TryLater
from octobot.model.ids import PullNumber
from octobot.sandbox.state.live import Live
from tests.github.distro import Distro

QUEUE = ("PullRequest.isMergeQueueEnabled", "PullRequest.mergeQueueEntry")


def live(os: Distro) -> Live:
    """Return the knobs of the sandbox."""
    return os.sandbox.hub.state.live


def error(code: str, **about: object) -> dict[str, object]:
    """Make an error of validation."""
    path = ["query", "repository", "pullRequest", "timelineItems", "itemTypes"]
    return {"message": "no", "path": path, "extensions": {"code": code, **about}}


PROBLEM = {"path": [1], "explanation": 'Expected "X_EVENT" to be one of: A_EVENT, B_EVENT'}


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        (error("undefinedField", typeName="Ref", fieldName="compare"), "Ref.compare"),
        (error("undefinedType", typeName="XEvent"), "XEvent"),
        (error("variableRequiresValidType", typeName="X", variableName="x"), "X"),
        (error("argumentNotAccepted", typeName="Field", name="a", argumentName="b"), "a(b)"),
        (error("argumentNotAccepted", typeName="InputObject", name="A", argumentName="b"), "A.b"),
        (
            error("argumentLiteralsIncompatible", typeName="Field", argumentName="itemTypes"),
            "timelineItems(itemTypes)",
        ),
        ({"message": "no", "extensions": {"value": [], "problems": [PROBLEM]}}, "X_EVENT"),
        ({"message": "no", "value": [], "problems": [PROBLEM]}, "X_EVENT"),
    ],
)
def test_each_form_of_the_error_has_a_name(shown: object, name: str) -> None:
    """As graphql-ruby writes it, of which there are older ones."""
    follows = error("variableNotUsed", variableName="reviews")
    assert unknown_names([follows, shown]) == {name}


@pytest.mark.parametrize(
    "shown",
    [
        {"type": "NOT_FOUND", "path": ["repository"], "message": "Could not resolve"},
        {"type": "FORBIDDEN", "path": ["repository"], "extensions": {"saml_failure": False}},
        {"message": "Something went wrong while executing your query."},
        {"message": "Field 'isDraft' doesn't exist on type 'PullRequest'"},
        {"message": "no", "extensions": {"problems": [{"explanation": "cannot be null"}]}},
        {"message": "no", "extensions": {"code": "undefinedField", "fieldName": "isDraft"}},
        error("variableNotUsed", variableName="reviews"),
        "no",
        None,
    ],
)
def test_any_other_error_names_nothing(shown: object) -> None:
    """Words alone are no proof: they may be of a person."""
    assert unknown_names([shown]) == frozenset()


async def test_what_is_unknown_is_left_out_until_it_is_forgotten(os: Distro) -> None:
    """The document that fails is sent once; after ten minutes the server may be newer."""
    pull = await os.propose()
    live(os).without_fields = frozenset(QUEUE)

    async def asked() -> int:
        os.sandbox.log.clear()
        assert (await os.github.merge_queue.state(pull.number)).hidden == {"queue"}
        return sum(one.path.endswith("/graphql") for one in os.sandbox.log)

    assert [await asked(), await asked()] == [2, 1]
    os.ticker.seconds += 601
    assert await asked() == 2
    live(os).without_fields = frozenset()
    os.ticker.seconds += 601
    assert (await os.github.merge_queue.state(pull.number)).hidden == frozenset()


async def test_a_server_that_knows_all_is_asked_once(os: Distro) -> None:
    """One query for each read."""
    pull = await os.propose()
    os.sandbox.log.clear()
    await os.github.merge_states.with_head(pull.number)
    await os.github.merge_queue.state(pull.number)
    assert len([one for one in os.sandbox.log if one.path.endswith("/graphql")]) == 2


@pytest.mark.parametrize("name", ["Blob.isTruncated", "Blob", "Repository.object"])
async def test_texts_of_files_are_needed(os: Distro, name: str) -> None:
    """The error names what is missing and the remedy, instead of a wait for ever."""
    live(os).without_fields = frozenset({name})
    with pytest.raises(Unknown, match=r"does not know .*; upgrade the server"):
        await os.github.trees.blobs([blob_id("text")])


async def test_a_glance_that_a_server_does_not_show_is_no_glance(os: Distro) -> None:
    """The pull request is read in full."""
    pull = await os.propose()
    rules = await os.github.glances.rules()
    assert await os.github.glances.read([pull.number], rules)
    live(os).without_fields = frozenset({"PullRequest.reviewDecision"})
    assert await os.github.glances.read([pull.number], rules) == {}


async def test_half_a_schema_makes_no_half_answer(os: Distro) -> None:
    """An error beside data is not the server's age."""
    pull = await os.propose()
    live(os).hidden = frozenset({"queue"})
    state = await os.github.merge_queue.state(pull.number)
    assert state.hidden == {"queue"}
    assert not os.github.trees.handle.session.unknown()
    with pytest.raises(TryLater):
        await os.github.merge_states.read(PullNumber(pull.number + 1))

"""Orders that rebuild many specs: shown as a plan, confirmed by who asked, and carried out once."""

from datetime import timedelta

import pytest

from octobot.model.rebuild import AskedRebuild
from octobot.model.wave import Wave
from octobot.sandbox.changes.person import Person
from octobot.store.packages import AT_ONCE
from tests.specs.graph.small_distro import builds_with, makes, spec
from tests.stories.story import NAME, Story
from tests.stories.test_commands import ann, say

QUIET = "minimum-release-age: 0s\nopen-pull-requests: 0\n"
ENABLED = f"{QUIET}rebuild: {{enabled: true}}\n"
"""Nothing is opened by itself: the stories are about orders."""
MANY = 24
ALL = sorted(["base", *(f"user{number}" for number in range(MANY - 1))])
CONFIRM = "/octobot rebuild confirm"
USERS = "/octobot rebuild users-of tool because the ABI changed"


async def distro(tale: Story, config: str = ENABLED) -> int:
    """Put a tool with 24 users into the distro, of which two build on each other; open an issue."""
    specs = {
        "tool": spec("tool", makes("tool-dev")),
        "base": spec("base", builds_with("tool", "tool-dev")),
        **{f"user{n}": spec(f"user{n}", builds_with("tool", "base")) for n in range(MANY - 1)},
        "apart": spec("apart", "pipeline:\n  - uses: mine/build\n"),
    }
    files = {f"{name}.yaml": text.encode() for name, text in specs.items()}
    files["pipelines/mine/build.yaml"] = b"needs:\n  packages:\n    - tool-dev\n"
    files[".github/octobot.yaml"] = config.encode()
    await tale.sandbox.commit_files(NAME, "main", files, "A tool")
    await tale.look()
    return await ann(tale).open_issue(NAME, "Rebuild")


async def asked(tale: Story, thread: int, by: Person) -> AskedRebuild | None:
    """Read which plan waits for this person."""
    return await tale.store.asked_rebuilds.find(tale.world.watched.id, thread, by.id)


async def waves(tale: Story) -> tuple[Wave, ...]:
    """Read the waves that were opened."""
    return await tale.store.waves.recent(tale.world.watched.id, since=AT_ONCE)


async def opened(tale: Story) -> list[str]:
    """List the triggers of the waves that were opened."""
    return [str(each.trigger) for each in await waves(tale)]


def bob(tale: Story) -> Person:
    """Return bob, who may write."""
    return tale.sandbox.person("bob", "write", on=NAME)


async def test_many_rebuilds_wait_for_a_confirmation(tale: Story) -> None:
    """The plan is shown with levels and reasons; nothing is opened before it is confirmed."""
    thread = await distro(tale)
    said = await say(tale, USERS, on=thread)
    assert said.startswith("✅")
    assert "`users-of:tool` rebuilds **24 specs in 2 levels**" in said
    assert "| 1 | `base` | builds with `tool` |" in said
    assert "and 4 more." in said
    assert "comment `/octobot rebuild confirm` here within 24 hours" in said
    waiting = await asked(tale, thread, ann(tale))
    assert waiting
    assert waiting.because == "the ABI changed"
    assert waiting.digest[:12] in said
    assert await opened(tale) == []
    assert (await say(tale, CONFIRM, on=thread)).startswith("✅")
    assert await opened(tale) == ["users-of:tool"]
    (wave,) = await waves(tale)
    assert (wave.by, wave.because, wave.state) == ("ann", "the ABI changed", "open")
    assert {name: each.of for name, each in wave.specs.items()} == dict.fromkeys(ALL, "1.0-r0")
    assert await asked(tale, thread, ann(tale)) is None
    assert (await say(tale, CONFIRM, on=thread)).startswith("❌")
    assert await opened(tale) == ["users-of:tool"]


async def test_nobody_else_confirms_a_plan(tale: Story) -> None:
    """Neither another person, nor the same one elsewhere; the plan still waits for who asked."""
    thread = await distro(tale)
    await say(tale, USERS, on=thread)
    elsewhere = await ann(tale).open_issue(NAME, "Elsewhere")
    for by, on in ((bob(tale), thread), (ann(tale), elsewhere)):
        said = await say(tale, CONFIRM, on=on, by=by)
        assert said.startswith("❌")
        assert f"No plan of `{by.login}` waits here" in said
    assert await opened(tale) == []
    assert await asked(tale, thread, ann(tale))


async def test_a_plan_that_changed_is_shown_again(tale: Story) -> None:
    """What was not shown is not confirmed: a spec that came, went, or moved to another level."""
    thread = await distro(tale)
    await say(tale, USERS, on=thread)
    for text in (builds_with("tool"), builds_with("tool", "base"), None):
        file = spec("late", text).encode() if text else None
        await tale.sandbox.commit_files(NAME, "main", {"late.yaml": file}, "Late")
        said = await say(tale, CONFIRM, on=thread)
        assert said.startswith("❌")
        assert "not the one that you were shown" in said
        assert await opened(tale) == []
    await tale.sandbox.commit_files(NAME, "main", {"far.yaml": spec("far").encode()}, "Far")
    assert (await say(tale, CONFIRM, on=thread)).startswith("✅")
    assert await opened(tale) == ["users-of:tool"]


@pytest.mark.parametrize(("hours", "good"), [(23, True), (25, False)])
async def test_a_plan_is_confirmed_within_a_day(tale: Story, hours: int, *, good: bool) -> None:
    """Later the order must be given again."""
    thread = await distro(tale)
    await say(tale, USERS, on=thread)
    tale.clock.ahead += timedelta(hours=hours)
    said = await say(tale, CONFIRM, on=thread)
    assert said.startswith("✅" if good else "❌")
    assert ("older than 24 hours" in said) is not good
    assert await opened(tale) == ["users-of:tool"] * good


async def test_who_may_not_write_rebuilds_nothing(tale: Story) -> None:
    """Neither by an order nor by a confirmation, should they have lost the right in between."""
    thread = await distro(tale)
    said = await say(tale, USERS, on=thread, by=tale.sandbox.person("cat", "triage", on=NAME))
    assert said.startswith("❌")
    assert "write" in said
    await say(tale, USERS, on=thread, by=bob(tale))
    former = tale.sandbox.person("bob", "triage", on=NAME)
    assert (await say(tale, CONFIRM, on=thread, by=former)).startswith("❌")
    assert await say(tale, USERS, on=thread, by=tale.sandbox.person("eve", "read", on=NAME)) == ""
    assert await opened(tale) == []


@pytest.mark.parametrize(
    ("words", "specs"),
    [
        ("pipeline mine/build", "apart"),
        ("user[12]? because of the linker", " ".join(f"user{n}" for n in range(10, 23))),
        ("base, user[12].yaml", "base user1 user2"),
        ("USERS-OF tool-dev", "apart base"),
    ],
)
async def test_a_few_rebuilds_begin_at_once(tale: Story, words: str, specs: str) -> None:
    """Up to 20 specs need no confirmation."""
    thread = await distro(tale)
    said = await say(tale, f"/octobot rebuild {words}", on=thread)
    assert said.startswith("✅"), said
    (wave,) = await waves(tale)
    assert list(wave.specs) == specs.split()


@pytest.mark.parametrize(
    ("words", "because"),
    [
        ("users-of nothing-like-it", "no spec builds or provides nothing"),
        ("pipeline nothing/like-it", "no spec uses pipeline"),
        ("nothing-*", "no spec is named"),
        ("users-of", "a reason begins with `because`"),
        ("users-of tool the ABI changed", "a reason begins with `because`"),
        ("pipeline because x", "a reason begins with `because`"),
        ("confirm it", "`confirm` takes no words"),
        ("users-of apart", "rebuilds nothing"),
    ],
)
async def test_an_order_that_finds_nothing_says_why(tale: Story, words: str, because: str) -> None:
    """Nothing is guessed, and nothing is opened."""
    thread = await distro(tale)
    said = await say(tale, f"/octobot rebuild {words}", on=thread)
    assert said.startswith("❌")
    assert because in said
    assert await opened(tale) == []


async def test_without_the_setting_the_plan_is_shown(tale: Story) -> None:
    """And what to write; also when it was taken away before the confirmation."""
    thread = await distro(tale, QUIET)
    for words in (USERS, "/octobot rebuild user1?"):
        said = await say(tale, words, on=thread)
        assert said.startswith("❌")
        assert "| level | spec | why |" in said
        assert "Write `rebuild: {enabled: true}` in `.github/octobot.yaml`" in said
    await tale.configure(ENABLED)
    await say(tale, USERS, on=thread)
    await tale.configure(QUIET)
    assert "Write `rebuild: {enabled: true}`" in await say(tale, CONFIRM, on=thread)
    assert await opened(tale) == []


async def test_holds_are_respected_and_unreadable_specs_are_confirmed(tale: Story) -> None:
    """A held spec is skipped; where one that cannot be read may be missing, a person decides."""
    thread = await distro(tale)
    await say(tale, "/octobot hold user10", on=thread)
    bad = b"environment: {contents: {packages: [mine/build]}}\n"
    await tale.sandbox.commit_files(NAME, "main", {"user1.yaml": bad}, "Break it")
    said = await say(tale, "/octobot rebuild user1*", on=thread)
    assert "`user1*` rebuilds **9 specs in 1 level**" in said
    assert "Skipped: 1." in said
    assert "may be missing here: `user1.yaml`." in said
    assert "rebuild confirm" in said


async def test_names_with_a_reason_are_rebuilt_as_before(tale: Story) -> None:
    """A reason with a question mark, or after `because`, makes no pattern of names."""
    thread = await distro(tale)
    said = await say(tale, "/octobot rebuild hello base why is this so old?", on=thread)
    assert said.startswith("✅"), said
    said = await say(tale, "/octobot rebuild user1 because the linker changed", on=thread)
    assert said.startswith("✅"), said
    assert await opened(tale) == []
    orders = await tale.store.orders.of_package(tale.world.watched.id, "user1")
    assert orders.rebuild
    assert orders.rebuild.reason == "the linker changed"


async def test_a_wave_is_held_and_goes_on(tale: Story) -> None:
    """On its tracking issue, by who may write; what is so already is refused."""
    thread = await distro(tale)
    await say(tale, "/octobot rebuild user1?", on=thread)
    issue = await ann(tale).open_issue(NAME, "Rebuilds")
    (wave,) = await waves(tale)
    await tale.store.waves.enter_issue(wave.id, issue, "", now=tale.clock())
    assert "No wave of rebuilds is tracked here" in await say(tale, "/octobot wave hold", on=thread)
    cat = tale.sandbox.person("cat", "triage", on=NAME)
    assert (await say(tale, "/octobot wave hold", on=issue, by=cat)).startswith("❌")
    for words in ("", " stop", " unhold it"):
        said = await say(tale, f"/octobot wave{words}", on=issue)
        assert "Write `/octobot wave hold [REASON] or unhold`" in said
    assert "is open" in await say(tale, "/octobot wave unhold", on=issue)
    said = await say(tale, "/octobot wave hold the linker is broken", on=issue, by=bob(tale))
    assert said.startswith("✅")
    (wave,) = await waves(tale)
    assert (wave.state, wave.because) == ("held", "bob: the linker is broken")
    assert "is held" in await say(tale, "/octobot wave hold", on=issue)
    assert (await say(tale, "/octobot wave UNHOLD", on=issue)).startswith("✅")
    assert (await waves(tale))[0].state == "open"
    await tale.store.waves.set_state(tale.world.watched.id, wave.id, "done")
    assert "is done" in await say(tale, "/octobot wave hold", on=issue)


async def test_why_shows_the_wave_of_a_package(tale: Story) -> None:
    """What it waits for, by whose order, and whether it is rebuilt."""
    thread = await distro(tale)
    await say(tale, "/octobot rebuild hello user1", on=thread)
    assert "wave:" not in await say(tale, "/octobot explain user2", on=thread)
    await say(tale, "/octobot rebuild ba* user[12]", on=thread)
    said = await say(tale, "/octobot explain user2", on=thread)
    assert "it waits for its level" in said
    assert "by ann" in said
    base = spec("base", builds_with("tool", "tool-dev"), epoch="1").encode()
    await tale.sandbox.commit_files(NAME, "main", {"base.yaml": base}, "By hand")
    await tale.look()
    (wave,) = await waves(tale)
    assert "its rebuild is ordered" in await say(tale, "/octobot explain user2", on=thread)
    raised = spec("user2", builds_with("tool"), epoch="1").encode()
    await tale.sandbox.commit_files(NAME, "main", {"user2.yaml": raised}, "By hand")
    await tale.store.waves.enter_issue(wave.id, 77, "", now=tale.clock())
    await tale.look()
    said = await say(tale, "/octobot explain user2", on=thread)
    assert "this package was 1.0-r0 and is rebuilt" in said

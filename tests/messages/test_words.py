"""Stored texts: what people read, compared whole, so that a change of words shows as one.

Run with `OCTOBOT_STORE_TEXTS=1` to write the texts anew, then read the difference.
"""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from octobot.messages import (
    check,
    config,
    failure,
    group,
    issue,
    notices,
    pull_request,
    rebuilds,
    why,
)
from octobot.messages.commands import plans
from octobot.model.bump import Bump, Bumped, Change, Proposed
from octobot.model.config import Fault, Group, PackagePolicy
from octobot.model.ids import Key, RepositoryId, Sha, Version
from octobot.model.memory import Row, Sighting
from octobot.model.package import Package, UpdateBlock, Upstream
from octobot.model.reasons import Reason, ReasonCode, Where
from octobot.model.rebuild import Plan, Rebuild, Trigger, TriggerKind
from octobot.model.release import Candidate, Dropped, Observation, Release, Selection
from octobot.model.triage import Diagnosis, LogLine
from octobot.model.verdict import Outcome, Ruling, Verdict

STORED = Path(__file__).parent / "stored"
OLD, NEW, HEAD = Sha("1" * 40), Sha("a1b2c3d4e5" * 4), Sha("f" * 40)
SEEN = datetime(2026, 8, 22, 9, 30, tzinfo=UTC)

CURL = Upstream("github", "curl/curl", "releases")
BUMP = Bump(
    "curl",
    "curl.yaml",
    Version("8.9.0"),
    Candidate(Release("curl-8_10_0", NEW, published=SEEN - timedelta(hours=2)), Version("8.10.0")),
)
BUMPED = Bumped(
    "…",
    (
        Change("package.version", 4, "8.9.0", '"8.10.0"'),
        Change("package.epoch", 5, "3", "0"),
        Change("pipeline[0].with.expected-commit", 31, OLD, NEW),
        Change("pipeline[1]", 33, "go/bump golang.org/x/net@v0.38.0", ""),
    ),
)
POLICY = PackagePolicy(
    automerge=True, approval=False, minimum_release_age=timedelta(days=7), hold=None
)

EVIL = "v1`|@team|https://evil.example/<img src=x>&#64;all #1\n```suggestion\nx\n```\n[a](http://b)"
EVIL_BUMP = Bump(EVIL, EVIL, Version(EVIL), Candidate(Release(EVIL, Sha(EVIL)), Version(EVIL)))
EVIL_BUMPED = Bumped("", (Change(EVIL, 1, EVIL, EVIL), Change(EVIL, 2, OLD, EVIL)))
EVIL_UPSTREAMS = (
    Upstream("github", EVIL, "tags"),
    Upstream("github", "../..", "tags"),
    Upstream("github", "a/b", "branch", EVIL),
    Upstream("git", "https://github.com/a/b.git", "tags"),
    Upstream("git", f"https://evil.example/{EVIL}", "tags"),
    Upstream(EVIL, EVIL, "tags"),
    None,
)
EVIL_REASON = Reason(ReasonCode.TAG_MOVED, EVIL, Where(EVIL, 3))

RUNS = "https://github.com/distro/os/actions/runs"
FAILED = Verdict(
    head=HEAD,
    rulings=(
        Ruling("config", Outcome.MERGE, Reason(ReasonCode.READY, "the settings are readable")),
        Ruling(
            "checks-succeeded",
            Outcome.BLOCK,
            Reason(ReasonCode.CHECKS_FAILED, "build (App 15368): failure"),
        ),
        Ruling(
            "age",
            Outcome.WAIT,
            Reason(
                ReasonCode.MINIMUM_RELEASE_AGE,
                "first seen 2026-08-22 09:30 UTC; old enough at … 09:30 UTC",
            ),
        ),
    ),
    outcome=Outcome.BLOCK,
    reason=Reason(ReasonCode.CHECKS_FAILED, "build (App 15368): failure"),
)
YOUNG = replace(
    FAILED,
    rulings=(FAILED.rulings[0], FAILED.rulings[2]),
    outcome=Outcome.WAIT,
    reason=FAILED.rulings[2].reason,
    again=SEEN + timedelta(days=1),
)
READY = replace(
    FAILED,
    rulings=FAILED.rulings[:1],
    outcome=Outcome.MERGE,
    reason=Reason(ReasonCode.READY),
)
ICU_PLAN = Plan(
    Trigger(TriggerKind.PACKAGE, "icu"),
    (
        (Rebuild("R", "builds with `icu-dev` through pipeline `R/build`"),),
        tuple(Rebuild(f"user{n:02}", "builds with `icu-dev`") for n in range(12)),
    ),
    certain=False,
)
EVIL_PLAN = Plan(
    Trigger(TriggerKind.NAMES, EVIL, EVIL, EVIL),
    ((Rebuild(EVIL, EVIL), Rebuild("a", f"builds with `{EVIL}`")),),
    certain=False,
)
EVIL_VERDICT = replace(
    FAILED,
    rulings=tuple(Ruling(EVIL, outcome, EVIL_REASON) for outcome in Outcome),
    reason=EVIL_REASON,
)

DIAGNOSIS = Diagnosis(
    check="build (x86_64)",
    url="https://github.com/distro/os/actions/runs/12/job/34",
    step="autoconf/make",
    cause="lib/ssl.c:41:10: fatal error: openssl/quic.h: No such file or directory",
    lines=(
        LogLine(98, "+ make -j8"),
        LogLine(204, "lib/ssl.c:41:10: fatal error: openssl/quic.h: No such file or directory"),
        LogLine(205, "   41 | #include <openssl/quic.h>"),
        LogLine(1210, "make: *** [Makefile:702: all] Error 2"),
    ),
)
SILENT = Diagnosis("test", "https://ci.example/1", "", "", ())
EVIL_DIAGNOSIS = Diagnosis(
    EVIL, f"https://github.com/a/b/runs/1?{EVIL}", EVIL, EVIL, (LogLine(1, EVIL),)
)

ROW = Row(
    key=Key(RepositoryId(9), "curl"),
    path="curl.yaml",
    blob=OLD,
    text="",
    reason=Reason(ReasonCode.MINIMUM_RELEASE_AGE, "first seen 2026-08-22 09:30 UTC"),
    target=BUMP.target,
    upstream=CURL,
    generation=3,
    issue=None,
    due=SEEN + timedelta(minutes=5),
    look_due=SEEN + timedelta(hours=1),
)
PACKAGE = Package("curl", Version("8.9.0"), 3, "curl.yaml", UpdateBlock(enabled=True), CURL)
SIGHTING = Sighting(Observation("curl-8_10_0", NEW, None, SEEN), None)
PROPOSED = Proposed(
    "curl", Version("8.10.0"), "octobot/curl/8.10.0", OLD, OLD, HEAD, None, "open", SEEN
)

GROUP = Group("curl", ("curl*",))
PARTS = (
    group.GroupPart(BUMP, BUMPED, CURL, SIGHTING.first, POLICY),
    group.GroupPart(
        replace(BUMP, package="curl-static", path="curl-static.yaml"),
        BUMPED,
        CURL,
        None,
        replace(POLICY, approval=True, minimum_release_age=timedelta(days=1)),
    ),
)
EVIL_PART = group.GroupPart(
    EVIL_BUMP, EVIL_BUMPED, EVIL_UPSTREAMS[0], Observation(EVIL, None, None, SEEN), POLICY
)

TEXTS: dict[str, Callable[[], str]] = {
    "pull-request": lambda: pull_request.body(
        BUMP,
        BUMPED,
        upstream=CURL,
        observation=SIGHTING.first,
        policy=POLICY,
        supersedes=(11, 12),
    ),
    "pull-request-plain": lambda: pull_request.body(
        BUMP, BUMPED, upstream=Upstream("git", "https://git.example/curl", "tags"), observation=None
    ),
    "group-pull-request": lambda: group.body(GROUP, PARTS, supersedes=(11,)),
    "superseded": lambda: pull_request.superseded(14),
    "check-blocked": lambda: check.summary(FAILED),
    "check-waiting": lambda: check.summary(YOUNG),
    "check-ready": lambda: check.summary(READY),
    "failure": lambda: failure.comment([DIAGNOSIS, SILENT], FAILED),
    "failure-without-log": lambda: failure.comment([], FAILED),
    "manual-issue": lambda: issue.manual_body(BUMP, CURL),
    "tag-moved-issue": lambda: issue.alarm_body(
        "curl", Reason(ReasonCode.TAG_MOVED, f"curl-8_10_0 was {OLD}, then {NEW}")
    ),
    "line-stopped-issue": lambda: issue.alarm_body(
        "curl", Reason(ReasonCode.MERGING_HALTED, f"{HEAD} changed curl.yaml and other.yaml")
    ),
    "bad-config-issue": lambda: config.body(
        ".github/octobot.yaml",
        (
            Fault(3, 1, "'pause' is not a key that octobot knows; did you mean paused?"),
            Fault(5, 12, "'@team' is neither; write true or false, without quotes"),
        ),
        "last",
    ),
    "bad-config-never": lambda: config.body("file.yaml", (Fault(1, 1, "no"),), "nothing"),
    "bad-config-paused": lambda: config.body("file.yaml", (Fault(1, 1, "no"),) * 60, "paused"),
    "config-mended": lambda: config.readable_again(".github/octobot.yaml"),
    "withdrawn": lambda: notices.closed(
        Reason(ReasonCode.TAG_MOVED, f"curl-8_10_0 was {OLD}, then {NEW}")
    ),
    "step-back": notices.step_back,
    "why": lambda: (
        "\n".join(why.explain(ROW, PACKAGE, sighting=SIGHTING, history=(PROPOSED,), verdict=YOUNG))
        + "\n"
    ),
    "rebuilds": lambda: rebuilds.section([ICU_PLAN], ["bad.yaml"], "HTTP 404"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_words_are_the_stored_ones(name: str) -> None:
    """A change of words is a change of a stored text, to be read as people will."""
    path, said = STORED / f"{name}.md", TEXTS[name]()
    if os.environ.get("OCTOBOT_STORE_TEXTS"):
        path.write_text(said)
    assert said == path.read_text()


def test_every_stored_text_is_said() -> None:
    """A text that nobody says any more goes."""
    assert {path.stem for path in STORED.iterdir()} == set(TEXTS)


def test_titles_are_the_distro_s_own() -> None:
    """`NAME/VERSION package update`, to the letter, also in the commits."""
    assert pull_request.title(BUMP) == "curl/8.10.0 package update"
    assert issue.manual_title(BUMP) == "curl/8.10.0 new package update"
    assert pull_request.merge_message("curl", "8.10.0", 7) == (
        "curl/8.10.0 package update (#7)",
        "",
    )
    assert pull_request.commit_message(BUMP) == (
        "curl/8.10.0 package update",
        f"From 8.9.0 to 8.10.0.\nUpstream release: curl-8_10_0 at {NEW}",
    )
    dated = pull_request.subject("ca-certificates", "20260822")
    assert dated == "ca-certificates/20260822 package update"
    assert issue.alarm_title("curl", EVIL_REASON) == "curl: upstream tag moved"
    odd = Reason(ReasonCode.NOT_GREATER)
    assert issue.alarm_title("curl", odd) == "curl: octobot stopped (not-greater)"


@pytest.mark.parametrize(
    ("verdict", "conclusion", "title"),
    [
        (READY, "success", "Ready: ready: Every rule is satisfied; octobot merges exactly this"),
        (FAILED, "failure", "Blocked: checks-failed: build (App 15368): failure"),
        (YOUNG, None, "Waiting: minimum-release-age: first seen 2026-08-22 09:30 UTC; old"),
        (replace(YOUNG, reason=Reason(ReasonCode.ON_HOLD)), "neutral", "Waiting: on-hold: A"),
        (replace(YOUNG, reason=Reason(ReasonCode.AUTOMERGE_OFF)), "neutral", "Waiting: auto"),
    ],
)
def test_the_check_run_is_red_only_when_blocked(
    verdict: Verdict, conclusion: str | None, title: str
) -> None:
    """Waiting for people is neutral, waiting for anything else is in progress."""
    assert check.conclusion(verdict) == conclusion
    assert check.title(verdict).startswith(title)


def test_what_is_not_checked_yet_is_no_failure() -> None:
    """It has no reason code, which would name one, and comes after what fails and waits."""
    last = Ruling("pins", Outcome.WAIT, Reason(ReasonCode.PIN_UNRESOLVED, "later"), later=True)
    verdict = replace(FAILED, rulings=(FAILED.rulings[0], last, *FAILED.rulings[1:]))
    said = check.summary(verdict)
    assert "pin-unresolved" not in said
    places = [said.index(part) for part in ("checks-succeeded |", "| age", "| pins", "<details>")]
    assert places == sorted(places)
    assert said.index("| config") > places[-1]
    only = replace(YOUNG, rulings=(last,), reason=last.reason, again=None)
    assert "pin-unresolved" not in check.summary(only)


def test_the_page_of_the_run_that_blocks_is_a_link() -> None:
    """The only one, and only to a page of GitHub's own; the title has none."""
    page, other = f"{RUNS}/12/job/34", f"{RUNS}/12/job/35"
    detail = f"build {other} (App 15368): failure in workflow ci (push), run 34, {page}; more"
    ruling = Ruling(
        "checks-succeeded",
        Outcome.BLOCK,
        Reason(ReasonCode.CHECKS_FAILED, detail),
        pages=(page, "https://evil.example/1"),
    )
    verdict = replace(FAILED, rulings=(ruling,), reason=ruling.reason)
    said = check.summary(verdict)
    assert said.count(f"run 34, [its page]({page}); more") == 2
    linked = [str(token.attrs["href"]) for token in _flat(said) if token.type == "link_open"]
    assert linked == [page, page]
    assert page not in check.title(verdict).replace("\u200b", "")
    assert "run 34; more" in check.title(verdict)
    evil = replace(ruling, pages=("https://evil.example/1",))
    evil = replace(evil, reason=Reason(ReasonCode.CHECKS_FAILED, "see, https://evil.example/1"))
    assert "](" not in check.summary(replace(FAILED, rulings=(evil,), reason=evil.reason))


@pytest.mark.parametrize("verdict", [READY, FAILED, YOUNG, EVIL_VERDICT])
def test_who_reads_the_check_run_through_the_api_sees_no_backslash(verdict: Verdict) -> None:
    """Nor does who reads the conclusion of a closed one."""
    assert "\\" not in check.summary(verdict)
    assert "\\" not in check.title(verdict)
    assert "\\" not in "".join(check.closed("merged", verdict.head))


def test_a_closed_pull_request_is_neither_red_nor_green() -> None:
    """Whatever else is wrong with it."""
    gone = Ruling("open", Outcome.BLOCK, Reason(ReasonCode.CLOSED_BY_USER))
    assert check.conclusion(replace(FAILED, rulings=(gone, *FAILED.rulings))) == "neutral"


def test_settings_change_what_is_promised() -> None:
    """The body promises a merge only where octobot would merge."""

    def body(policy: PackagePolicy) -> str:
        return pull_request.body(BUMP, BUMPED, upstream=CURL, observation=None, policy=policy)

    assert "at least 7d ago" in body(POLICY)
    assert "a person approved it" in body(replace(POLICY, approval=True))
    assert "merges this by itself" not in body(replace(POLICY, automerge=False))
    assert "On hold: `ICU`" in body(replace(POLICY, hold="ICU"))
    assert "at least 90m ago" in body(replace(POLICY, minimum_release_age=timedelta(minutes=90)))
    assert "at least 24h ago" in body(replace(POLICY, minimum_release_age=timedelta(days=1)))
    assert "at least 0s ago" in body(replace(POLICY, minimum_release_age=timedelta(0)))


def test_a_bump_with_a_thousand_changes_is_cut_visibly() -> None:
    """The diff has the rest."""
    changes = tuple(Change(f"deps[{n}]", n, "x" * 500, "y" * 500) for n in range(1000))
    body = pull_request.body(BUMP, Bumped("", changes), upstream=None, observation=None)
    assert "and 950 more, in the diff." in body
    assert len(body) < 60_000


def test_a_group_is_shown_package_by_package() -> None:
    """Its title names the group, its commit each package; a large one is cut visibly."""
    assert group.commit_message(GROUP, [part.bump for part in PARTS]) == (
        "curl/8.10.0 package update",
        (
            "curl from 8.9.0 to 8.10.0\ncurl-static from 8.9.0 to 8.10.0\n\n"
            f"Upstream release: curl-8_10_0 at {NEW}"
        ),
    )
    body = group.body(GROUP, PARTS * 100)
    assert "and 160 more, in the diff." in body
    assert "and 680 more, in the diff." in body
    assert len(body) < 60_000
    left = replace(PARTS[1], policy=replace(POLICY, automerge=False))
    assert "leave merging to a person" in group.body(GROUP, (PARTS[0], left))
    history = (replace(PROPOSED, package="group/curl", files=(("curl.yaml", OLD),), number=7),)
    told = why.explain(ROW, PACKAGE, history=history)
    assert "proposed: 8.10.0 #7 with the group curl, 1 in all, open, 2026-08-22 09:30 UTC" in told


def test_many_failed_checks_are_named() -> None:
    """Five are told in full."""
    many = [replace(DIAGNOSIS, check=f"build {n}") for n in range(8)]
    said = failure.comment(many, FAILED)
    assert said.count("fatal error: openssl") == 6
    assert "Also failed: [build 5](https://github.com/distro/os/actions/runs/12/job/34)" in said


def test_a_verdict_with_another_reason_says_so() -> None:
    """The comment never claims that checks are all that stands in the way."""
    said = failure.comment([], replace(FAILED, reason=Reason(ReasonCode.TAG_MOVED, "moved")))
    assert "It does not merge this commit: `tag-moved`." in said


def test_why_shows_the_candidates() -> None:
    """Each release that was looked at, with why it was not chosen."""
    dropped = (Dropped("v9-rc1\x1b[31m", "pre-release"),)
    older = (Candidate(Release("curl-8_9_1"), Version("8.9.1")),)
    assert why.candidates(Selection(BUMP.target, dropped, older)) == (
        "newest: 8.10.0 (curl-8_10_0)",
        "older: 8.9.1 (curl-8_9_1)",
        "dropped: v9-rc1: pre-release",
    )
    assert why.candidates(Selection(None)) == ("newest: none",)


def test_why_shows_faults_and_moves() -> None:
    """A spec that cannot be read, a tag that moved and an open issue are all told."""
    row = replace(ROW, issue=4, reason=EVIL_REASON, upstream=None, target=None)
    sighting = replace(SIGHTING, moved_to=OLD)
    lines = why.explain(row, EVIL_REASON, sighting=sighting)
    assert "issue: #4" in lines
    assert f"moved: curl-8_10_0 was also seen at {OLD}" in lines
    assert all(line.isprintable() for line in lines)


FOLD = re.compile(r"<details>\n<summary>[0-9]+ rules? (is|are) satisfied</summary>\n|</details>\n")
"""The only HTML that octobot writes."""

HOSTILE: dict[str, Callable[[], str]] = {
    **{
        f"pull request {n}": partial(
            pull_request.body, EVIL_BUMP, EVIL_BUMPED, upstream=upstream, observation=None
        )
        for n, upstream in enumerate(EVIL_UPSTREAMS)
    },
    "held": lambda: pull_request.body(
        EVIL_BUMP,
        EVIL_BUMPED,
        upstream=None,
        observation=Observation(EVIL, None, None, SEEN),
        policy=replace(POLICY, hold=EVIL),
    ),
    "group": lambda: group.body(Group(EVIL, (EVIL,)), (EVIL_PART, EVIL_PART)),
    "check": lambda: check.summary(EVIL_VERDICT),
    "failure": lambda: failure.comment([EVIL_DIAGNOSIS] * 7, EVIL_VERDICT),
    "failure without log": lambda: failure.comment([], EVIL_VERDICT),
    "manual": lambda: issue.manual_body(EVIL_BUMP, EVIL_UPSTREAMS[0]),
    "alarm": lambda: issue.alarm_body(EVIL, EVIL_REASON),
    "withdrawn": lambda: notices.closed(EVIL_REASON),
    "rebuilds": lambda: rebuilds.section([EVIL_PLAN], [EVIL], EVIL),
    "rebuilds unknown": lambda: rebuilds.unknown(EVIL),
    "plan": lambda: plans.confirm(plans.shown(EVIL_PLAN, [EVIL], EVIL), "0" * 64),
    "wave": lambda: plans.wave_held(EVIL, EVIL) + plans.wave_is(EVIL, "held"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_stay_words_in_every_message(name: str) -> None:
    """No link but ours, no image, no HTML, no suggestion, no mention, wherever the words land."""
    tokens = _flat(HOSTILE[name]())

    links = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    assert all(address.startswith("https://github.com/a/b") for address in links)
    assert not {"image", "html_inline"} & {token.type for token in tokens}
    blocks = [token.content for token in tokens if token.type == "html_block"]
    assert all(FOLD.fullmatch(block) for block in blocks)
    assert not [token for token in tokens if token.type == "fence" and "sugg" in token.info]
    text = "".join(token.content for token in tokens if token.type == "text")
    assert "@team" not in text
    assert "@all" not in text
    assert "https:/" not in text
    assert "#1" not in text


def test_hostile_words_stay_words_in_titles() -> None:
    """Titles and commit messages mention nobody and refer to nothing."""
    said = [
        pull_request.title(EVIL_BUMP),
        *pull_request.commit_message(EVIL_BUMP),
        pull_request.merge_message(EVIL, EVIL, 1)[0].removesuffix("(#1)"),
        *group.commit_message(Group(EVIL, (EVIL,)), [EVIL_BUMP]),
        issue.manual_title(EVIL_BUMP),
        issue.alarm_title(EVIL, EVIL_REASON),
        check.title(EVIL_VERDICT),
    ]
    assert not [text for text in said if "@team" in text or "#1" in text or "https:/" in text]


def _flat(markdown: str) -> list[Token]:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    flat: list[Token] = []
    for token in parser.parse(markdown):
        flat += [token, *(token.children or [])]
    return flat


def test_labels_go_by_the_number_of_rebuilds() -> None:
    """Both ends of each range."""
    assert [rebuilds.label(n).partition(" ")[2] for n in (0, 1, 10, 11, 100, 101, 500, 501)] == [
        "0",
        *["1\N{EN DASH}10"] * 2,
        *["11\N{EN DASH}100"] * 2,
        *["101\N{EN DASH}500"] * 2,
        "501+",
    ]

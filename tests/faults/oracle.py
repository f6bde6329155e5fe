"""What must always hold, read from the sandbox's log and git objects, never from the bot.

The names are those of the invariants: S for safety, L for liveness.  Each function gives sentences
about what was broken; none of them asks octobot, its database or its code.
"""

import difflib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from octobot.model.ids import Sha
from octobot.sandbox.http.faults import Window
from octobot.sandbox.server import Sandbox
from octobot.sandbox.state.nouns import Pull, RepositoryState
from octobot.sandbox.views.views import node_id

FIELD = re.compile(r"[ +-]*(version|epoch|expected-commit|expected-sha256|expected-sha512): .*")
"""The lines that a bump may write, judged by eye and not by octobot's own reading of YAML."""
TAG = re.compile(r"<!-- octobot:.* -->")
Root = Mapping[str, tuple[str, Sha]]
"""Path → mode and blob of a commit's root."""
FLIGHT = timedelta(seconds=1)
"""Requests that were under way when a limit was told."""
ADOPT = re.compile(r"/octobot reset ([0-9a-fA-F]{7,40})\s*")
SECOND = timedelta(seconds=1)
"""GitHub's and git's times have no smaller parts."""


async def violations(sandbox: Sandbox, name: str, windows: Sequence[Window] = ()) -> list[str]:
    """Say what was broken in one repository; empty when all is well."""
    oracle = _Oracle(sandbox, name)
    return [
        *oracle.unjudged_merges(),
        *oracle.unchecked_merges(),
        *[said for pull in oracle.merged for said in await oracle.other_changes(pull)],
        *oracle.downgrades(),
        *await oracle.duplicates(),
        *await oracle.others_work(),
        *oracle.said_twice(),
        *oracle.impatience(windows),
        *oracle.leaks(),
    ]


_LEFT_TO_GITHUB = {"enqueuePullRequest", "enablePullRequestAutoMerge"}
"""Mutations by which GitHub merges later; they name the head, too."""


class _Oracle:
    def __init__(self, sandbox: Sandbox, name: str) -> None:
        self._sandbox, self._state = sandbox, sandbox.hub.state
        self._name, self._repo = name, sandbox.repository(name)
        self._bot = sandbox.app.bot_id
        login = sandbox.app.bot_login
        self._own = [one for one in sandbox.log.whole() if one.actor == login]
        self._told = {sha for one in self._own for sha in one.commits}
        """The commits whose ids octobot can know for its own."""
        merged = [pull for pull in self._state.pulls.of(self._repo.id) if pull.merged_at]
        self.merged = [pull for pull in merged if pull.merged_by == self._bot]

    def unjudged_merges(self) -> Iterator[str]:
        """S1: the head that was merged was octobot's own, and the call named it."""
        calls: defaultdict[str, list[object]] = defaultdict(list)
        for one in self._own:
            if one.path.endswith("/merge"):
                calls[one.path].append(json.loads(one.body).get("sha"))
            elif _LEFT_TO_GITHUB.intersection(one.mutations):
                given = json.loads(one.body)["variables"]["input"]
                calls[given["pullRequestId"]].append(given.get("expectedHeadOid"))
        for pull in self.merged:
            asked = calls[f"/repos/{self._name}/pulls/{pull.number}/merge"]
            asked += calls[node_id("PR", pull.id)]
            if pull.head_sha not in asked or None in asked:
                yield f"S1: #{pull.number} was merged at {pull.head_sha}, asked for: {asked}"
            if pull.head_sha not in self._told:
                yield f"S1: octobot was never told {pull.head_sha}, the head of #{pull.number}"

    def unchecked_merges(self) -> Iterator[str]:
        """S2: every required check succeeded on exactly that head, in each of its workflows."""
        required = [
            pair
            for protection in self._state.protections.of(self._repo.id)
            for pair in protection.required
        ]
        for pull in self.merged:
            ends: defaultdict[tuple[str, int], dict[object, object]] = defaultdict(dict)
            for run in self._state.runs_on(self._repo.id, pull.head_sha):
                suite = self._state.check_suites[run.suite]
                line = (suite.workflow, suite.event) if suite.workflow else suite.id
                ends[run.name, run.app][line] = run.conclusion
            for check, app in required:
                if app is not None and set(ends[check, app].values()) != {"success"}:
                    yield f"S2: #{pull.number} was merged while {check} was not green"

    async def other_changes(self, pull: Pull) -> list[str]:
        """S3: the merge changed the packages' files, in a bump's lines, and nothing else."""
        commit = await self._sandbox.hub.git(self._repo).commit_of(pull.merge_commit or "")
        if commit is None:
            return [f"S3: #{pull.number} has no merge commit"]
        before, after = [dict(await self._root(name)) for name in (commit.parents[0], commit.sha)]
        paths = {p for p in before.keys() | after.keys() if before.get(p) != after.get(p)}
        if paths != await self._meant(pull):
            return [f"S3: #{pull.number} changed {sorted(paths)}"]
        sides = before, after
        return [said for path in sorted(paths) for said in await self._odd(pull, path, sides)]

    async def _meant(self, pull: Pull) -> set[str]:
        """Return the files of the package that the branch names; of a group, what its head changes.

        A group's commit is octobot's own (S1), so its files are what octobot meant; each of them
        must be a spec in the root, and changes like any other.
        """
        if not _package(pull).startswith("group/"):
            return {f"{_package(pull)}.yaml"}
        commit = await self._sandbox.hub.git(self._repo).commit_of(pull.head_sha)
        if commit is None:
            return set()
        before, after = [dict(await self._root(name)) for name in (commit.parents[0], commit.sha)]
        paths = {p for p in before.keys() | after.keys() if before.get(p) != after.get(p)}
        return {path for path in paths if path.endswith(".yaml") and path in before}

    async def _odd(self, pull: Pull, path: str, sides: Sequence[Root]) -> list[str]:
        """S3: one file's lines that are not a bump's to change."""
        git, (before, after) = self._sandbox.hub.git(self._repo), sides
        if (after[path][0], before[path][0]) != ("100644", "100644"):
            return [f"S3: #{pull.number} changed the mode of {path}"]
        old, new = [(await git.read(side[path][1]) or (0, 0, b""))[2] for side in sides]
        changed = [
            line
            for line in difflib.ndiff(old.decode().split("\n"), new.decode().split("\n"))
            if line.startswith(("- ", "+ "))
        ]
        odd = [line for line in changed if not FIELD.fullmatch(line)]
        return [f"S3: #{pull.number} changed {odd}"] if odd or not changed else []

    async def _root(self, commit: str) -> list[tuple[str, tuple[str, Sha]]]:
        found = await self._sandbox.hub.git(self._repo).tree_of(commit)
        return [(one.name, (one.mode, one.sha)) for one in (found[1] if found else ())]

    def downgrades(self) -> Iterator[str]:
        """S5: what is merged of a package only ever gets greater."""
        last: dict[str, tuple[int, ...]] = {}
        for pull in sorted(self.merged, key=lambda pull: pull.number):
            version = tuple(int(part) for part in re.findall(r"\d+", _version(pull)))
            if version <= last.get(_package(pull), ()):
                yield f"S5: #{pull.number} merged {_version(pull)} over a greater version"
            last[_package(pull)] = version

    async def duplicates(self) -> list[str]:
        """S6: at most one open pull request for a package, and never two from one head."""
        own = [p for p in self._pulls() if p.head_sha in self._told]
        standing = {pull.number for pull, _ in self._state.open_pulls(self._repo.id)}
        files = [f for p in own if p.number in standing for f in await self._meant(p)]
        heads = Counter(p.head_sha for p in own)
        return [
            *(f"S6: {n} open pull requests for {f}" for f, n in Counter(files).items() if n > 1),
            *(f"S6: {n} pull requests with the head {h}" for h, n in heads.items() if n > 1),
        ]

    def _pulls(self) -> list[Pull]:
        """Return the pull requests that octobot opened."""
        return [
            pull
            for pull in self._state.pulls.of(self._repo.id)
            if (issue := self._state.issue(self._repo.id, pull.number))
            and issue.author == self._bot
        ]

    async def others_work(self) -> list[str]:
        """S1: a head that octobot did not make is neither closed nor deleted nor replaced by it.

        Unless somebody who may write here said `adopt` on that very head, and before it was done.
        """
        wrong = []
        for pull in self._state.pulls.of(self._repo.id):
            issue = self._state.issue(self._repo.id, pull.number)
            if issue is None or issue.closed_by != self._bot or pull.merged_at is not None:
                continue
            given_up = await self._is_given_up(pull, pull.head_sha, issue.closed_at)
            if pull.head_sha not in self._told and not given_up:
                wrong.append(f"S1: octobot closed #{pull.number} with somebody else's head")
        known = self._known()
        for one in self._own:
            if one.mutations == ("updateRefs",):
                moves = json.loads(one.body)["variables"]["move"]["refUpdates"]
                theirs = [move for move in moves if move["beforeOid"] not in known]
                wrong += [said for move in theirs for said in await self._moved(move, one.at)]
        return wrong

    async def _moved(self, move: Mapping[str, str], at: datetime) -> list[str]:
        """Return whose head a branch was moved from without their consent."""
        pulls = self._state.pulls.of(self._repo.id)
        for pull in (one for one in pulls if f"refs/heads/{one.head_ref}" == move["name"]):
            if await self._is_given_up(pull, Sha(move["beforeOid"]), at):
                return []
        return [f"S1: octobot moved {move['name']} from {move['beforeOid']}"]

    async def _is_given_up(self, pull: Pull, sha: Sha, until: datetime | None) -> bool:
        """Return whether a person gave this head up, by its name or by having seen it."""
        head = await self._sandbox.hub.git(self._repo).commit_of(sha)
        if head is None or until is None:
            return False
        since = head.committer.at - SECOND
        for comment in self._state.comments.of(self._repo.id):
            said = [m for line in comment.body.splitlines() if (m := ADOPT.fullmatch(line))]
            here = comment.number == pull.number and comment.author != self._bot
            if not here or comment.created_at != comment.updated_at:
                continue
            may = self._state.role(self._repo, comment.author) in ("write", "maintain", "admin")
            meant = any(sha.startswith(m[1].lower()) for m in said)
            if may and meant and since <= comment.created_at <= until:
                return True
        return False

    def _known(self) -> set[str]:
        """Return the commits that are octobot's own, or that it branched from."""
        bases = {str(pull.base_sha) for pull in self._pulls()}
        own = {
            json.loads(one.body)["variables"]["commit"]["expectedHeadOid"]
            for one in self._own
            if b"createCommitOnBranch" in one.body
        }
        return self._told | bases | own

    def said_twice(self) -> Iterator[str]:
        """L1: one comment for each tag, one open issue for each tag."""
        mine = [c for c in self._state.comments.of(self._repo.id) if c.author == self._bot]
        tags = Counter((c.number, tag) for c in mine for tag in TAG.findall(c.body)[-1:])
        issues = [i for i in self._issues(self._repo) if i]
        tags += Counter((0, tag) for body in issues for tag in TAG.findall(body)[-1:])
        for (number, tag), count in tags.items():
            if count > 1:
                yield f"L1: {count} times {tag} on #{number}"

    def _issues(self, repo: RepositoryState) -> list[str | None]:
        return [
            one.body
            for one in self._state.issues.of(repo.id)
            if one.author == self._bot and not one.is_pull and one.state == "open"
        ]

    def impatience(self, windows: Sequence[Window]) -> Iterator[str]:
        """S11: nothing was asked while GitHub wanted to be left alone."""
        for window in windows:
            for one in self._own:
                used = "graphql" if one.path == "/api/graphql" else "core"
                # What the App asks as itself is not counted with its installations.
                meant = window.resource in ("", used) and not one.path.startswith("/app")
                if meant and window.since + FLIGHT < one.at < window.until - FLIGHT:
                    yield f"S11: {one.method} {one.path} at {one.at}, within a limit"

    def leaks(self) -> Iterator[str]:
        """S7: no token and no key in anything that was written."""
        secrets = [one.secret.encode() for one in self._state.tokens] + [b"PRIVATE KEY"]
        for one in self._own:
            if one.body and any(secret in one.body for secret in secrets):
                yield f"S7: a secret in {one.method} {one.path}"


def _package(pull: Pull) -> str:
    return pull.head_ref.removeprefix("octobot/").rpartition("/")[0]


def _version(pull: Pull) -> str:
    return pull.head_ref.rpartition("/")[2]

"""Mutations: the mistakes that others made, put into a copy of octobot; the tests must notice each.

    python tests/mutate.py [--all] [NAME]...

The seeds below are the known ones.  `--all` adds small changes everywhere in `policy/` and in the
reader of deliveries: comparisons turned, conditions negated, `and` for `or`, each rule left out.
A mutation that no test notices is printed as SURVIVED, and the exit status is 1.
"""

# ruff: noqa: E501  (the table has one mistake a line)

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent
POLICY = "tests/policy"
DELIVERIES = "tests/github/test_deliveries.py tests/github/test_deliveries_strict.py"
RULES, CHECKS, ATTEMPTS = "policy/rules.py", "policy/checks.py", "model/attempts.py"
JUMPS, AGE, LAST_LOOK = "policy/approvals.py", "policy/age.py", "policy/final_check.py"
VERDICT = "model/verdict.py"
DROPPED = "specs/bump/dropped_overrides.py"
READER = "github/webhooks/deliveries.py"
GATE = "tests/stories/test_gate.py"
WORDS = "tests/stories/test_commands_words.py"
OBJECTIONS = "tests/stories/test_objections.py tests/github/test_merge_state.py"
NO, WANTS = "policy/objections.py", "policy/requirements.py"
KINDS = "tests/stories/test_objections_kinds.py tests/github/test_merge_state.py"
OLDER = "tests/stories/test_older_servers.py"
EDITS = "tests/stories/test_edits.py"
BUSY = "tests/stories/test_busy_hour.py"
TEXTS = "tests/stories/test_texts.py"
WAITING = "tests/stories/test_waiting.py"
HEADS, REQUESTS = "tests/github/test_head.py", "tests/stories/test_requests.py"
INDEX = "tests/specs/graph/test_apkindex.py tests/specs/graph/test_index.py"
ORDERS = "tests/stories/test_rebuild_orders.py"
GRAMMAR = "tests/commands/test_grammar.py"
PATIENCE = 300
"""Seconds; a mutant that never ends is noticed, too."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One mistake."""

    name: str
    file: str
    before: str
    """A text that is in the file exactly once; empty: `after` is the whole file."""
    after: str
    tests: str


def _policy(name: str, file: str, before: str, after: str) -> Mutation:
    return Mutation(name, file, before, after, POLICY)


def _reader(name: str, before: str, after: str) -> Mutation:
    return Mutation(name, READER, before, after, DELIVERIES)


SEEDS = (
    _policy("a writer's no is outweighed by somebody's yes", NO, "    if counting := [one for one in objections if _counts(one, snapshot)]:\n", "    counting = [one for one in objections if _counts(one, snapshot)]\n    if counting and not snapshot.state.approved:\n"),
    _policy("nobody's no counts", NO, "in objections if _counts(one, snapshot)]:", "in objections if False]:"),
    _policy("a no to an older pull request is over", NO, "if _counts(one, snapshot)]:", "if not one.on and _counts(one, snapshot)]:"),
    _policy("labels are told apart by case", NO, "one.label.casefold() in", "one.label in"),
    _policy("conversations need not be resolved", NO, "return snapshot.state.wants.conversations", "return False"),
    _policy("reviews that were not read are good ones", NO, "    if objections is None:\n", "    if False:\n"),
    _policy("a required review is for GitHub to ask for", WANTS, "    if not wanted:\n", "    if True:\n"),
    _policy("any method will do", WANTS, 'if not queue and way != "queue" and method not in methods:', "if False:"),
    _policy("a required queue is walked past", WANTS, 'if queue and way == "api":', "if False:"),
    _policy("a fourth refusal in a day", WANTS, "    if len(lately) > len(_PAUSES):\n        return lately[len(_PAUSES)].at + _DAY\n    return lately[0].at + _PAUSES[len(lately) - 1]", "    return lately[0].at + _PAUSES[min(len(lately), len(_PAUSES)) - 1]"),
    _policy("the queue may remove it for ever", WANTS, "if len(given) >= _EJECTIONS:", "if False:"),
    _policy("auto-merge that is gone is enabled again", WANTS, 'given[0].way == "auto" and', "False and"),
    Mutation("who switched auto-merge off does not matter", "github/repository/objections.py", "if event.kind in _ENDED and event.by and _is_persons(event, bot):", "if False:", KINDS),
    Mutation("anybody lifts an older no", "github/repository/objections.py", "one.by.id == by != 0 and", "by != 0 and", KINDS),
    Mutation("an older pull request is forgotten", "flows/land/predecessors.py", "return tuple(sorted(found - {pull.number}, reverse=True))", "return ()", KINDS),
    Mutation("what a person reopened stays closed", "flows/land/predecessors.py", "return closed and state.reopened and", "return False and", KINDS),
    Mutation("what a server does not show did not happen", "github/repository/objections.py", "        if stop in absent and not no_feature and not unused:\n", "        if False:\n", OLDER),
    Mutation("rules that a server does not show are not wanted", "github/repository/merge_state.py", "yield not has_none and (not shown or", "yield not has_none and (shown and", OLDER),
    Mutation("one document for all servers", "github/transport/session.py", "if compose(self.unknown()) == document:", "if True:", OLDER),
    Mutation("a server stays old", "github/transport/schema.py", "if now < until)", "if until)", "tests/github/test_schema.py"),
    Mutation("the size that worked is forgotten", "datasources/github_failures.py", "memory, memory.step\n", "memory, 0\n", "tests/datasources/test_github.py"),
    Mutation("resources that GitHub lacks make an upstream unreachable", "datasources/github.py", "        elif over and (error is None or", "        elif False and (error is None or", "tests/datasources/test_github.py tests/stories/test_hidden.py"),
    Mutation("what an allow list hides is unreachable", "datasources/github.py", "        inquiry.by_git = True\n", '        inquiry.fail("hidden")\n', "tests/datasources/test_github.py tests/stories/test_hidden.py"),
    Mutation("a plan without rulesets is a lack of permission", "github/transport/refusals.py", "    if _PLAN.search(words):\n", "    if False:\n", "tests/github/test_live.py"),
    Mutation("a change to a workflow is a lack of permission", "github/repository/branches.py", "            raise Misconfigured(about)\n", "            pass\n", "tests/github/test_live.py"),
    Mutation("issues that are off are opened every minute", "github/repository/comments.py", "        if self.off:\n            return None\n", "", "tests/github/test_live.py"),
    Mutation("Actions has one number everywhere", "github/repository/checks.py", 'None if found is None else number(found, "id")', "ACTIONS", "tests/github/test_live.py"),
    Mutation("a redirect is judged by its first address", "upstream/exchange.py", "            route = self.guard.route(url)\n", "            route = self.guard.route(request.url) if url == request.url else url\n", "tests/upstream"),
    Mutation("three redirects are enough", "upstream/gate.py", "redirects: int = 10", "redirects: int = 3", "tests/upstream"),
    Mutation("npm's greatest version is the newest", "datasources/npm.py", "return own is not None and top is not None and own > top", "return False", "tests/datasources"),
    Mutation("a next page on another host is the end", "github/transport/session.py", '                raise Misconfigured(\n                    f"the next page', '                return found\n                raise Misconfigured(\n                    f"the next page', "tests/github/test_reading.py tests/github/test_transport.py"),
    Mutation("what is public needs no permission", "github/transport/scopes.py", '{"contents": "read", "metadata": "read"})\n"""For reading', '{"metadata": "read"})\n"""For reading', "tests/github/test_live.py"),
    Mutation("all are recreated at once", "flows/land/line.py", "if front.number == pull.number:", "if True:", "tests/stories/test_strict_base.py"),
    Mutation("a front that fails keeps its turn", "flows/land/line.py", "    await leave_line(ctx, pull)\n", "", "tests/stories/test_strict_base.py"),
    Mutation(
        "everybody's review counts, also of those who cannot write",
        "github/repository/merge_documents.py",
        "writersOnly: true",
        "writersOnly: false",
        OBJECTIONS,
    ),
    Mutation(
        "reviews beside an error are all there are",
        "github/repository/merge_state.py",
        "if shown is None or failed:",
        "if shown is None:",
        OBJECTIONS,
    ),
    Mutation(
        "the first page of reviews is enough",
        "github/repository/merge_state.py",
        "if more is False:",
        "if True:",
        OBJECTIONS,
    ),
    Mutation(
        "reviews are as old as the last look is long",
        "flows/land/judge.py",
        "if verdict.outcome is Outcome.MERGE:",
        "if False:",
        OBJECTIONS,
    ),
    Mutation(
        "a race is tried again for whatever head is there",
        "github/repository/pulls.py",
        "            if not await still():\n                break\n",
        '            if not await still():\n                break\n            wanted = {"merge_method": method}\n',
        "tests/github/test_pulls.py",
    ),
    Mutation(
        "a race is tried again blindly",
        "github/repository/pulls.py",
        "if not await still():",
        "if False:",
        "tests/github/test_pulls.py",
    ),
    Mutation(
        "after a race the old settings still hold",
        "flows/land/confirm.py",
        "if (await configured(ctx, files=tip.config_files)).config != config:",
        "if False:",
        BUSY,
    ),
    Mutation(
        "a list of commits that goes on is all there is",
        "github/repository/head.py",
        'if text_at(shown, "state") != "OPEN" or _more(shown, "commits"):',
        'if text_at(shown, "state") != "OPEN":',
        HEADS,
    ),
    Mutation(
        "suites before those that are shown do not count",
        "github/repository/head.py",
        'if at(suites, "pageInfo", "hasPreviousPage") is not False:',
        "if False:",
        HEADS,
    ),
    Mutation(
        "a suite whose runs are cut off does not count",
        "github/repository/head.py",
        'if len(shown_in_full) < len(items(suites, "nodes")):',
        "if False:",
        HEADS,
    ),
    Mutation(
        "whatever was pushed since is merged as what was judged",
        "github/repository/snapshot.py",
        "if (now.pull.head, now.commits, now.based) != (state.pull.head, state.commits, state.based):",
        "if False:",
        HEADS,
    ),
    Mutation(
        "the settings of the last look hold at the merge",
        "flows/land/confirm.py",
        "config = (await configured(ctx, files=tip.config_files)).config",
        "config = snapshots[0].config",
        REQUESTS,
    ),
    Mutation(
        "the checks of the last look hold at the merge",
        "github/repository/snapshot.py",
        "        if now.pull.mergeable is not None:\n            return now\n",
        "        now = replace(now, checks=state.checks)\n        if now.pull.mergeable is not None:\n            return now\n",
        HEADS,
    ),
    Mutation(
        "what a person closed is remembered as open",
        "flows/land/land.py",
        'if snapshots[0].state.pull.state != "open" and ctx.github.pulls.forget_open():',
        "if False:",
        REQUESTS,
    ),
    Mutation(
        "what ended once is taken from memory",
        "flows/reconcile/gather.py",
        'settled = all(past.state in ("open", "merged") and not past.renews for past in history)',
        "settled = True",
        REQUESTS,
    ),
    Mutation(
        "after a race the base's text is not read again",
        "flows/land/confirm.py",
        "return on_outline(tip.outline, members, now)",
        "return now",
        BUSY,
    ),
    Mutation(
        "any refusal is a race",
        "github/repository/pulls.py",
        "base_moved=_BASE_MOVED in words.lower()",
        "base_moved=True",
        "tests/github/test_pulls.py",
    ),
    Mutation(
        "mergeability of another head counts",
        "github/repository/pulls.py",
        "if (now.head, now.base, now.state) != (pull.head, pull.base, pull.state):",
        "if False:",
        "tests/github/test_pulls.py",
    ),
    Mutation(
        "what GitHub may still have is merged",
        WANTS,
        "if given and given[0].way in snapshot.state.hidden:",
        "if False:",
        POLICY,
    ),
    Mutation(
        "what was left to GitHub under other settings is merged over a no",
        "flows/land/merge.py",
        " or state.left or state.objections != ()",
        "",
        OBJECTIONS,
    ),
    Mutation(
        "times tell whether a comment was edited",
        "github/repository/people_comments.py",
        'edited=_shown(shown, "lastEditedAt") is not None or _shown(shown, "editor") is not None,',
        "edited=comment.created != comment.updated,",
        EDITS,
    ),
    Mutation(
        "the words that were read before are obeyed",
        "github/repository/people_comments.py",
        'edited=_shown(shown, "lastEditedAt") is not None or _shown(shown, "editor") is not None,',
        "edited=False,",
        EDITS,
    ),
    Mutation(
        "a comment beside an error is whole",
        "github/repository/people_comments.py",
        "if shown is None or answer.errors:",
        "if shown is None:",
        EDITS,
    ),
    Mutation(
        "a comment that cannot be read stops all others",
        "commands/listening.py",
        "    except (TryLater, Misconfigured) as error:\n",
        "    except ZeroDivisionError as error:\n",
        EDITS,
    ),
    Mutation(
        "a footnote is a command",
        "commands/surroundings.py",
        "        if _NOTE.match(line):\n            return True\n",
        "        if _NOTE.match(line):\n            return False\n",
        GRAMMAR,
    ),
    Mutation(
        "mathematics are a command",
        "commands/surroundings.py",
        "if any(one.start() < start < one.end() for one in _FORMULA.finditer(text))",
        "if not text",
        GRAMMAR,
    ),
    Mutation(
        "a name that is parted by what is not seen is a command",
        "commands/grammar.py",
        "_TURNING.search(whole) or not _is_whole(line[start:], head.removesuffix(rest))",
        "_TURNING.search(whole)",
        GRAMMAR,
    ),
    Mutation(
        "words that somebody else put there are the author's",
        "commands/obey.py",
        "(comment.edited and comment.editor != comment.author.id)",
        "False",
        TEXTS,
    ),
    Mutation(
        "edited words of the author are obeyed",
        "commands/obey.py",
        '"edited" if comment.edited else None',
        "None",
        TEXTS,
    ),
    Mutation(
        "strangers are answered",
        "commands/obey.py",
        '            answered=level is None or may(level, "triage"),\n',
        "            answered=True,\n",
        TEXTS,
    ),
    Mutation(
        "strangers have no cap in a repository",
        "commands/obey.py",
        "await self._strangers() >= STRANGERS",
        "await self._strangers() < 0",
        TEXTS,
    ),
    Mutation(
        "an order waits for a reaction",
        "commands/obey.py",
        "with contextlib.suppress(TryLater, Misconfigured):",
        "with contextlib.suppress(ZeroDivisionError):",
        TEXTS,
    ),
    Mutation(
        "a review is about whatever the head is",
        "commands/calls.py",
        "if call.comment.about not in (None, pull.head):",
        "if False:",
        TEXTS,
    ),
    Mutation(
        "the reviews of a pull request are not listed",
        "commands/listening.py",
        'if kind == "issue":',
        "if False:",
        TEXTS,
    ),
    Mutation(
        "a glance with a gap reads as the last one",
        "flows/reconcile/due.py",
        "if one.seen and shown.get(one.resting.number) == one.seen",
        "if one.seen and shown.get(one.resting.number, one.seen) == one.seen",
        WAITING,
    ),
    Mutation(
        "a glance may be cut off",
        "github/repository/glances.py",
        'if any(at(one, "pageInfo", "hasNextPage") is not False for one in lists):',
        "if False:",
        WAITING,
    ),
    Mutation(
        "news waits until the pull request moves",
        "flows/reconcile/due.py",
        "(key not in taken or taken[key] == entry.due)",
        "True",
        WAITING,
    ),
    Mutation(
        "a glance will do for ever",
        "flows/reconcile/due.py",
        "if now < entry.resting.until and ",
        "if ",
        WAITING,
    ),
    Mutation(
        "an unexpected merge has the tree that was expected",
        "github/repository/trees.py",
        "            self._know_root(tree_id(made), made)\n",
        "            self._know_root(commit.tree, made)\n",
        "tests/github/test_objects.py",
    ),
    Mutation(
        "comments use up what merges need",
        "github/transport/throttle.py",
        "        if kind.chatter:\n",
        "        if False:\n",
        "tests/github/test_throttle.py",
    ),
    Mutation(
        "a text that was made anew keeps the other's age",
        "flows/propose/publish.py",
        "at=left.at if left.expected == draft.blobs else ctx.clock(),",
        "at=left.at,",
        "tests/stories/test_renewing.py",
    ),
    Mutation(
        "a branch is moved from wherever it stands",
        "github/repository/branches.py",
        '"beforeOid": before,',
        '"beforeOid": None,',
        "tests/stories/test_renewing.py tests/github/test_repository.py",
    ),
    _policy(
        "an edited base is as good as the one that was bumped",
        RULES,
        "    if not unchanged:\n",
        "    if False:\n",
    ),
    Mutation(
        "adopt without a commit",
        "commands/recreate.py",
        "if foreign and not call.words:",
        "if False:",
        "tests/stories/test_commands.py",
    ),
    Mutation(
        "a sentence that begins with a command is one",
        "commands/reading.py",
        "fits = len(left) <= 1 and all(map(_COMMIT.fullmatch, left))",
        "fits = True",
        WORDS,
    ),
    Mutation(
        "a pull request is merged under another package's name",
        "commands/reading.py",
        "if name and name != call.package:",
        "if False:",
        WORDS,
    ),
    Mutation(
        "another package's name is the reason of a hold",
        "commands/reading.py",
        "if not named or any(map(names.related, named)):",
        "if True:",
        WORDS,
    ),
    Mutation(
        "merge without SHA",
        "github/repository/pulls.py",
        '{"sha": head, "merge_method": method}',
        '{"merge_method": method}',
        "tests/github/test_pulls.py tests/faults/test_answers.py",
    ),
    _policy("first commit only", RULES, "(*commits, head) if", "commits[:1] if"),
    _policy("last commit only", RULES, "(*commits, head) if", "(head,) if"),
    _policy("e-mail identity: the author by anything but the id", RULES, "author == snapshot.bot:\n", "author or True:\n"),
    _policy("empty is green", CHECKS, "if pending or not checks", "if pending"),
    _policy("nothing required is fine", CHECKS, "    if checks:\n", "    if True:\n"),
    _policy("not posted is green", CHECKS, "    if not runs and not statuses:\n", "    if False:\n"),
    _policy("running is green", CHECKS, "found[0] if found else", "found[0] if False else"),
    _policy(
        "skipped and neutral are green",
        CHECKS,
        'if run.conclusion != "success" and',
        'if run.conclusion not in {"success", "skipped", "neutral"} and',
    ),
    _policy("a bad status is green", CHECKS, 'if status.state != "success"', "if False"),
    _policy("what is accepted of one App is of all", CHECKS, "(check.name, check.app) == (run.name, run.app)", "check.name == run.name"),
    _policy("what is accepted of one check is of all", CHECKS, "(check.name, check.app) == (run.name, run.app)", "check.app == run.app"),
    _policy("a check of any App", CHECKS, "check.app in {None, run.app}", "True"),
    _policy("the newest of all workflows counts", ATTEMPTS, '"workflow", run.workflow.id, run.workflow.event', '"workflow", 0, run.workflow.event'),
    _policy("the newest of all events counts", ATTEMPTS, "run.workflow.id, run.workflow.event", 'run.workflow.id, ""'),
    _policy("the newest of all suites counts", ATTEMPTS, '"suite", run.suite, ""', '"suite", 0, ""'),
    _policy("the newest of unknown suites counts", ATTEMPTS, '"run", run.id, ""', '"run", 0, ""'),
    _policy("the oldest attempt counts", ATTEMPTS, "key=lambda each: each.id)\n    return", "key=lambda each: -each.id)\n    return"),
    _policy("two jobs of one name are one", ATTEMPTS, "run is newest[_line(run)] or _beside(run, newest[_line(run)])", "run is newest[_line(run)]"),
    Mutation(
        "a new token is judged at once",
        "github/transport/tokens.py",
        "    return age < _YOUNG and denial",
        "    return age < 0 and denial",
        "tests/github/test_tokens.py",
    ),
    Mutation(
        "an ETag is good for any token",
        "github/transport/request.py",
        'headers.get("authorization", "").encode()',
        'b""',
        "tests/github/test_tokens.py",
    ),
    Mutation(
        "a repository whose number nobody shows is believed",
        "flows/watch/identify.py",
        "        elif upstream in known:\n",
        "        elif False:\n",
        "tests/stories/test_hidden.py",
    ),
    Mutation(
        "a list ends where it leads to another host",
        "datasources/registry.py",
        "        if isinstance(following, Reason):\n            return following\n",
        "        if isinstance(following, Reason):\n            following = None\n",
        "tests/datasources/test_talks.py",
    ),
    Mutation(
        "first page only",
        "github/transport/session.py",
        "if answer.next is None:",
        "if True:",
        "tests/github/test_transport.py",
    ),
    _policy("startswith path guard", RULES, "found != wanted", "not all(path.startswith(tuple(wanted)) for path in found)"),
    _policy("the spec among others", RULES, "found != wanted", "not set(wanted) <= set(found)"),
    _policy("any mode", RULES, "(change.before_mode, change.after_mode) != (_REGULAR, _REGULAR)", "False"),
    _policy("any text", RULES, "blobs == proposed.expected", "blobs"),
    _policy("any repository's head", RULES, "if head == snapshot.watched.id", "if head"),
    _policy("any base", RULES, "if base == default", "if base"),
    _policy("unknown mergeability is yes", RULES, "if mergeable is None", "if False"),
    _policy("no ledger needed", RULES, "if commit not in ledger]", "if False]"),
    _policy("a stopped line goes on", RULES, "if because is None", "if True"),
    _policy("the tag may move", "policy/age.py", "if now != observation.commit", "if False"),
    _policy("an unread tag is fine", "policy/age.py", "    if now is None:\n", "    if False:\n"),
    _policy("never too young", "policy/age.py", "if ready > snapshot.now", "if False"),
    _policy("unseen is old", "policy/age.py", "    if seen is None:\n        return wait(", "    if seen is None:\n        return passed('age', '') or wait("),
    _policy("a broken file's brake is not heard", "policy/config/join.py", "config.paused or any(each.brakes for each in broken)", "config.paused"),
    _policy("a repository overrules its organisation's pause", "policy/config/join.py", "return before or here", "return here"),
    _policy("a file that was never good means the defaults", "policy/config/join.py", "        if each.last is None:\n", "        if False:\n"),
    _policy("a fact left out of a saved pull request is fine", "model/json_codec.py", "if not whole and each.default", "if each.default"),
    _policy("another second source counts as asked", "policy/simulate/simulate.py", "if _other_source(snapshot, changed):", "if False:"),
    _policy("a quoted number is a number", "policy/config/scalars.py", "999_999_999},\n    plain=True,", "999_999_999},"),
    _policy("$ for fullmatch in a duration", "policy/config/scalars.py", 're.fullmatch("([0-9]{1,5})([smhd])", text)', 're.match("([0-9]{1,5})([smhd])$", text)'),
    _reader("$ for fullmatch in a GUID", "_GUID.fullmatch(guid)", 're.match(_GUID.pattern + "$", guid)'),
    _reader("unsigned is fine", "if not any(matches)", "if given and not any(matches)"),
    _reader("forged is fine", "if not any(matches)", "if False"),
    _reader("an empty secret signs", "not secrets or not all(secrets)", "not secrets"),
    _reader("no secret at all", "not secrets or not all(secrets)", "not all(secrets)"),
    _reader(
        "a SHA-1 header will do",
        "if not any(matches):",
        'if not any(matches) and not _header(headers, "x-hub-signature"):',
    ),
    _reader("one secret only", "for secret in secrets]", "for secret in secrets[:1]]"),
    _reader("a label may be beside anything", "- beside == SHAPES[name]", '- {"label"} == SHAPES[name]'),
    _reader("the name is believed", "return (MARKERS & payload.keys()) - beside == SHAPES[name]", "return True"),
    _reader("an account's event with a repository", "if of_the_account and ", "if False and "),
    Mutation("what is ignored is judged by its shape", READER, 'json_fields.text(payload, "action") not in ACTIONS[name]', 'MARKERS & payload.keys() == SHAPES[name] and json_fields.text(payload, "action") not in ACTIONS[name]', "tests/github/test_deliveries_examples.py"),
    _reader("the last of two keys wins", "if len(found) != len(pairs)", "if False"),
    _reader("NaN is a number", "parse_constant=_no_constant", "parse_constant=float"),
    _reader("endless numbers", "if len(digits) > _LONGEST_NUMBER", "if False"),
    _reader("endless fractions", "if len(digits) > 2 * _LONGEST_NUMBER", "if False"),
    _reader("a BOM is fine", 'body.decode("utf-8")', 'body.decode("utf-8-sig")'),
    _reader("a list is fine", "if not isinstance(payload, dict)", "if False"),
    _reader("any content type", 'if content_type != "application/json"', "if False"),
    _reader("parsed before it is verified", "    verify(headers, body, secrets)\n", "    _parse(body)\n    verify(headers, body, secrets)\n"),
    _reader("any branch name", "if not name or len(name)", "if False and len(name)"),
    _reader("every branch is the default", "is_default=branch == default", "is_default=True"),
    _policy("a status by anybody", CHECKS, "status.context == check.name and status.creator == check.creator", "status.context == check.name"),
    _policy("a status is not waited for", CHECKS, 'for status in statuses if status.state == "pending"', "for status in statuses if False"),
    _policy("any status meets protection", CHECKS, "check.name in statuses\n", "True\n"),
    _policy("no jump is too large", VERDICT, "self.steps > largest", "False"),
    _policy("one step less", VERDICT, "self.steps > largest", "self.steps >= largest"),
    _policy("numbering may change", VERDICT, "if self.scheme:", "if False:"),
    _policy("a stream is no bound", JUMPS, "elif is_inside(stream, jump.after):", "elif stream:"),
    _policy("the stream is told by the new version", JUMPS, "stream_of(proposed.package, jump.before)", "stream_of(proposed.package, jump.after)"),
    _policy("an unknown stream is none", JUMPS, 'found = "which version stream the package follows is not known"', 'return passed(_STREAM, "unknown")'),
    _policy("another stream needs no approval", JUMPS, "if snapshot.state.approved:\n        return passed(_STREAM", "if True:\n        return passed(_STREAM"),
    Mutation("a longer number is inside", "model/stream.py", "numbers[: len(wanted)] == wanted", "version.startswith(stream)", "tests/model/test_stream.py"),
    Mutation("apk-tools alone orders", "model/version.py", "_is_greater_for_apk(left, right) and _is_greater_for_apko(left, right)", "_is_greater_for_apk(left, right)", "tests/model/test_version.py"),
    Mutation("apko alone orders", "model/version.py", "_is_greater_for_apk(left, right) and _is_greater_for_apko(left, right)", "_is_greater_for_apko(left, right)", "tests/model/test_version.py"),
    Mutation("any name that moves is an alarm", "flows/watch/record.py", "in _relied_on(one, found):", "in found.seen:", "tests/flows/test_watch.py"),
    Mutation("a snapshot's number is no difference", "specs/select/sift.py", '0[0-9]|_|[0-9]{19}")', '0[0-9]")', "tests/specs/test_sift.py"),
    Mutation("a host that does not answer is asked in a hurry", "app/serve.py", "return max(timedelta(), interval - lasted) if more else interval", "return timedelta() if more else interval", "tests/app/test_rest.py"),
    Mutation("what has no news stays leased", "flows/watch/batch.py", "        await self._record_known()\n\n    def _known_of", "\n    def _known_of", "tests/flows/test_watch.py"),
    Mutation("an alias is a release", "specs/select/newest.py", "if name in aliases:", "if False:", "tests/specs/test_own_versions.py"),
    Mutation("every short list proves", "flows/lookup/plausible.py", "return not self._missing(self._package.version)", "return True", "tests/flows/test_plausible.py"),
    _policy("an unknown jump is small", JUMPS, 'unusual = "how far the version goes is not known"', 'return passed(_JUMP, "unknown")'),
    _policy("a jump needs no approval", JUMPS, "if snapshot.state.approved:\n        return passed(_JUMP", "if True:\n        return passed(_JUMP"),
    _policy("one signal is enough", AGE, "bool(urgency.fixed) and bool(urgency.confirmed_by)", "(bool(urgency.fixed) or bool(urgency.confirmed_by))"),
    _policy("urgent makes it younger", AGE, "return min(full, shorter)", "return shorter"),
    _policy("every size has the patch's age", AGE, "age = ages.major", "age = ages.patch"),
    _policy("a fallen dependency is fine", LAST_LOOK, "if check.overrides is None:", "if True:"),
    _policy("a base left behind is fine", RULES, "if snapshot.state.behind:", "if False:"),
    _policy("a waiver for any head", "policy/judge.py", "waiver.head != snapshot.state.pull.head", "False"),
    _policy("everything can be waived", "policy/judge.py", "ruling.rule not in waived_rules(snapshot.config, waiver.level)", "False"),
    Mutation("an unknown go.mod is past it", DROPPED, "return not satisfied(one.entry, gomod)", "return False", "tests/specs/test_dropped_overrides.py"),
    Mutation("a fork's number is the module's", "datasources/gomod.py", "version if path == module and len(chosen) == 1", "version if len(chosen) == 1", "tests/datasources/test_gomod_replace.py"),
    Mutation("a folder leaves the required version", "datasources/gomod.py", "                replaced[module].add(new)\n", "                if new.version:\n                    replaced[module].add(new)\n", "tests/datasources/test_gomod_replace.py"),
    Mutation("the second reader believes a fork", "datasources/gomod_strict.py", "new if len(apply) == 1 and path == module", "new if len(apply) == 1", "tests/datasources/test_gomod_replace.py"),
    Mutation("the gate has the pruner's reader", "flows/land/judge.py", ", reading=agreed),\n", "),\n", "tests/stories/test_overrides.py"),
    Mutation("other kinds may go", DROPPED, "if not one.go or not one.root", "if one.go and not one.root", "tests/specs/test_dropped_overrides.py"),
    Mutation("a lowered pin is kept", DROPPED, "given >= wanted", "True", "tests/specs/test_dropped_overrides.py"),
    Mutation("hand over without SHA", "github/repository/merge_queue.py", '"pullRequestId": node, "expectedHeadOid": head}', '"pullRequestId": node}', "tests/github/test_merge_queue.py"),
    Mutation("anybody's queue is ours", "github/repository/merge_queue.py", '"enqueuer", "databaseId") == bot', '"enqueuer", "databaseId")', "tests/github/test_merge_queue.py"),
    Mutation("what was left is never taken back", "flows/land/merge.py", '    if merge_by == "api":\n', "    if True:\n", GATE),
    Mutation("what auto-merge took is not audited", "flows/land/after_merge.py", " or pull.merged_by == ctx.bot", "", GATE),
    Mutation("the machine's clock alone", "flows/land/judge.py", "min(now, state.at + SECOND if state.at else now)", "now", GATE),
    Mutation("withdrawn advisories count", "datasources/osv.py", "if not _is_withdrawn(one)", "if True", "tests/datasources/test_osv.py"),
    Mutation("the first page of advisories", "datasources/osv.py", "if token is None:", "if True:", "tests/datasources/test_osv.py"),
    Mutation("a name is an identity", "store/sightings.py", "excluded.number <> known.number", "false", "tests/store/test_identities.py"),
    Mutation("a merged package is never stuck", "flows/reconcile/members.py", "    if row.reason.code in STUCK:\n        return row.reason\n", "", "tests/stories/test_stuck.py"),
    Mutation("a second checkout may change hands", "flows/watch/record.py", "if facts.replaced and", "if False and", "tests/stories/test_stuck.py"),
    Mutation("a filter is never meant", "specs/select/stuck.py", "sign.isdigit()", "False", "tests/specs/test_stuck.py"),
    Mutation("any part of a repository is ours", "specs/select/tag_names.py", 'return "".join(words).removeprefix(name)', 'return ""', "tests/specs/test_stuck.py"),
    Mutation("a block is proposed untried", "specs/select/working_block.py", "if is_greater(tag.version, best.version) or", "if", "tests/specs/test_stuck.py"),
    Mutation("a replaced upstream is news", "flows/watch/identify.py", "if identity.other is not None", "if False", GATE),
    Mutation("one upstream ends the look at all", "flows/lookup/contain.py", "        self.error = error\n        return True\n", "        self.error = error\n        return False\n", "tests/flows/test_contain.py"),
    Mutation("what all must hear is one upstream's", "flows/lookup/contain.py", "not isinstance(error, Exception) or _is_for_all(error)", "not isinstance(error, Exception)", "tests/flows/test_contain.py"),
    Mutation("a stop is one upstream's", "flows/lookup/contain.py", "not isinstance(error, Exception) or _is_for_all(error)", "error is None or _is_for_all(error)", "tests/flows/test_contain.py"),
    Mutation("what cannot be read is gone", "flows/watch/outcome.py", "NOTHING_SEEN = (ReasonCode.UPSTREAM_UNREACHABLE, ReasonCode.INTERNAL_ERROR)", "NOTHING_SEEN = (ReasonCode.UPSTREAM_UNREACHABLE,)", "tests/flows/test_contain.py"),
    Mutation("an address that is none raises", "model/addresses.py", "    except ValueError:\n        return None\n    return parts if", "    except KeyError:\n        return None\n    return parts if", "tests/flows/test_contain.py"),
    Mutation("packages before the signed part", "specs/graph/apkindex.py", "elif keys.known and source.number != _SIGNED:", "elif False:", INDEX),
    Mutation("a SHA-1 is proof enough", "specs/graph/apkindex.py", 'if keys.allow_sha1 else ("RSA256",)', 'if True else ("RSA256",)', INDEX),
    Mutation("any key will do", "specs/graph/apkindex.py", "        except InvalidSignature:\n            raise BadIndexError", "        except InvalidSignature:\n            continue\n            raise BadIndexError", INDEX),
    Mutation("a lagging index is believed", "specs/graph/index.py", "if doubt and index.digest != seen.doubted:", "if False:", INDEX),
    Mutation("doubted once is doubted for ever", "specs/graph/index.py", "if doubt and index.digest != seen.doubted:", "if doubt:", INDEX),
    Mutation("published on one architecture", "specs/graph/index.py", "frozenset.intersection(*", "frozenset().union(*", INDEX),
    Mutation("a move that only raises the epoch", "specs/bump/bump.py", "if names and not values:", "if False:", "tests/specs/test_move.py"),
    Mutation("tests move with the build", "specs/bump/bump.py", 'if "test" in step.path:', "if False:", "tests/specs/test_move.py"),
    Mutation("what needs each other is ordered", "specs/graph/levels.py", "min(self._lowest[parent], self._lowest[name])", "self._lowest[parent]", "tests/specs/graph/test_levels.py"),
    Mutation("all on one level", "specs/graph/levels.py", "max(below, default=-1) + 1", "0", "tests/specs/graph/test_levels.py"),
    Mutation("holds do not hold rebuilds", "specs/rebuild/plan.py", '("is on hold", known.held)', '("is on hold", {})', "tests/specs/rebuild/test_plan.py"),
    Mutation("raised twice for one trigger", "specs/rebuild/plan.py", '("was raised since", known.raised)', '("was raised since", {})', "tests/specs/rebuild/test_plan.py"),
    Mutation("one more an hour", "flows/reconcile/decide.py", "new_pulls >= most", "new_pulls > most", GATE),
    Mutation("the last place of an hour is taken twice", "store/beginning.py", "select pg_advisory_xact_lock(hashtext('octobot proposal'), hashint8(%(repository)s))", "select 1", "tests/stories/test_two_processes.py"),
    Mutation("one more begins in an hour", "store/beginning.py", "int(began) < at_most", "int(began) <= at_most", "tests/stories/test_two_processes.py"),
    Mutation("a transaction waits for upstreams", "commands/obey.py", "lanes=hints, upstreams=upstreams)", "lanes=hints)", "tests/stories/test_two_processes.py"),
    Mutation("a slow upstream is forgotten", "flows/watch/schedule.py", "1.0), SLOWEST)", "1.0), SLOWEST * 100)", "tests/flows/test_schedule.py"),
    Mutation("checks take what merges need", "flows/watch/schedule.py", "return max(self.scales.get(host, 0.0), self.least)", "return self.least", "tests/flows/test_schedule.py"),
    Mutation("paused, but for a moment", "flows/reconcile/decide.py", "isinstance(config, Config) and config.paused:", "isinstance(config, Config) and False:", GATE),
    Mutation(
        "GUID-only de-duplication",
        "store/deliveries.py",
        "clean(name), digest, _from_event(event)",
        "clean(name), digest + guid, _from_event(event)",
        "tests/store/test_deliveries.py",
    ),
    Mutation(
        "resolver-only SSRF guard: none at the socket",
        "upstream/client.py",
        "aiohttp.TCPConnector(socket_factory=self._guard.socket)",
        "aiohttp.TCPConnector()",
        "tests/upstream",
    ),
    Mutation(
        "a wrapped address is public",
        "upstream/guard.py",
        "return is_public(inner)",
        "return True",
        "tests/upstream/test_guard.py",
    ),
    Mutation(
        "a folder may lack what GitHub does not show",
        "github/repository/trees.py",
        "        if not is_whole(tree, entries):\n",
        "        if False:\n",
        "tests/github/test_faults.py",
    ),
    Mutation(
        "a restart is a second look at an index",
        "flows/plan/index.py",
        "bool(seen.doubted) and now - at < EVERY",
        "False",
        "tests/stories/test_index.py",
    ),
    Mutation(
        "what one key signed is believed of another",
        "flows/plan/index.py",
        "    if last and last.rules != rules:\n",
        "    if False:\n",
        "tests/stories/test_index.py",
    ),
    Mutation(
        "an index that cannot be read counts as the last one",
        "flows/plan/index.py",
        "    if problems := [each.problem for each in looked if each.problem]:\n",
        "    if problems := []:\n",
        "tests/stories/test_index.py",
    ),
    Mutation(
        "another plan is confirmed than was shown",
        "commands/rebuild_many.py",
        "    if ordered.digest != asked.digest:\n",
        "    if False:\n",
        ORDERS,
    ),
    Mutation(
        "a plan is confirmed after a week",
        "commands/rebuild_many.py",
        "    if call.said.at - asked.at > CONFIRM_WITHIN:\n",
        "    if False:\n",
        ORDERS,
    ),
    Mutation(
        "somebody else confirms a plan",
        "store/rebuilds/asked.py",
        '            " where repository = %s and thread = %s and person = %s",\n            [repository, thread, person],\n        )\n        return',
        '            " where repository = %s and thread = %s and person <> 0 * %s",\n            [repository, thread, person],\n        )\n        return',
        ORDERS,
    ),
    Mutation(
        "where a spec cannot be read, nobody is asked",
        "commands/rebuild_many.py",
        "ordered.planned.plan.count > MOST or ordered.planned.missing",
        "ordered.planned.plan.count > MOST",
        ORDERS,
    ),
)  # fmt: skip
"""What went wrong elsewhere (SAFETY: Mergify, Angular's bot, tj-actions, SSRF by IP literal, …)."""


_SWAPS: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.Gt: ast.GtE,
    ast.LtE: ast.Lt,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


class _Turner(ast.NodeTransformer):
    """Turns the n-th place that can be turned."""

    def __init__(self, place: int) -> None:
        self._left, self.said = place, ""

    def _here(self, node: ast.expr, said: str) -> bool:
        self._left -= 1
        if self._left == 0:
            self.said = f"line {node.lineno}: {said}"
        return self._left == 0

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        swap = _SWAPS.get(type(node.ops[0]))
        if swap and self._here(node, f"{type(node.ops[0]).__name__} → {swap.__name__}"):
            node.ops[0] = swap()
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        if self._here(node, "and ↔ or"):
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and self._here(node, "not dropped"):
            return node.operand
        return node


def everywhere() -> Iterator[Mutation]:
    """Make the small changes, one at a time."""
    files = [*(ROOT / "octobot/policy").glob("*.py"), ROOT / "octobot" / READER]
    for path in sorted(files):
        file = str(path.relative_to(ROOT / "octobot"))
        tests = DELIVERIES if file == READER else POLICY
        for place in range(1, 10_000):
            turner = _Turner(place)
            turned = turner.visit(ast.parse(path.read_text()))
            if not turner.said:
                break
            yield Mutation(f"{file} {turner.said}", file, "", ast.unparse(turned), tests)
    text = (ROOT / "octobot" / RULES).read_text()
    for line in text.partition("RULES: tuple")[2].splitlines()[1:]:
        if line == ")":
            break
        yield _policy(f"rule left out: {line.strip(' ,')}", RULES, f"{line}\n", "")


def killed(one: Mutation, home: Path) -> bool:
    """Put one mutation into the copy, run its tests, and take it out again."""
    path = home / "octobot" / one.file
    text = path.read_text()
    if one.before and text.count(one.before) != 1:
        raise click.ClickException(f"{one.name}: its text is in {one.file} not exactly once")
    path.write_text(text.replace(one.before, one.after) if one.before else one.after)
    words = [sys.executable, "-B", "-m", "pytest", "--all", "-n0", "-x", "-p", "no:cacheprovider"]
    try:
        done = subprocess.run(  # noqa: S603  (our own words)
            [*words, "--basetemp", str(home / "temp"), *one.tests.split()],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(home)},
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(text)
    return done.returncode == 1  # a test failed; anything else is no answer


def _copy(home: Path) -> None:
    for folder in ("octobot", "tests", "fixtures"):
        shutil.copytree(ROOT / folder, home / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "app.yaml", "README.md"):
        shutil.copy(ROOT / file, home / file)


@click.command()
@click.argument("names", nargs=-1)
@click.option("--all", "all_of_them", is_flag=True, help="Small changes everywhere, too.")
def mutate(names: tuple[str, ...], *, all_of_them: bool) -> None:
    """Print what became of each mutation; exit status 1 when one survived."""
    chosen = [*SEEDS, *(everywhere() if all_of_them else ())]
    chosen = [one for one in chosen if not names or any(name in one.name for name in names)]
    survived = 0
    with tempfile.TemporaryDirectory(prefix="m") as folder:
        home = Path(folder) / "copy"
        home.mkdir()
        _copy(home)
        for one in chosen:
            noticed = killed(one, home)
            survived += not noticed
            click.echo(f"{'killed' if noticed else 'SURVIVED':8} {one.name}")
    click.echo(f"{len(chosen) - survived} of {len(chosen)} killed")
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    mutate()

"""The GraphQL of `merge_state`, in parts: what an older server lacks fails only itself.

A part is left out only where its absence is nothing (a feature that the server does not have) or
makes the verdict stricter; all else is needed, and without it nothing is merged.

* Events of auto-merge and the merge queue: no such feature.  Who ended a merge that was left to
  GitHub is needed where the feature is used, which `objections.unseen_stop` decides.
* Who converted to a draft, and why a merge ended: an objection that nobody lifts.
* That only writers' reviews count: anybody's request for changes counts.
* Rules of the base: as if it had them all; whether octobot may pass them by: it may not.
* The pull request with its commits and check runs: REST has them.  Without workflows of suites, a
  newer run of another workflow replaces nothing.
"""

import re
from collections.abc import Collection, Sequence

from octobot.github.repository.head import CORE, SUITES
from octobot.github.transport.schema import Document, part

RULE = part("refUpdateRule", "Ref.refUpdateRule")
"""The rule of a base."""
RULES = tuple(
    part(name, f"RefUpdateRule.{name}")
    for name in ("requiresConversationResolution", "requiresSignatures", "requiresLinearHistory")
)
"""What it may want."""
AUTO = part("autoMergeAllowed", "Repository.autoMergeAllowed")
_PASS_BY = part("viewerCanMergeAsAdmin", "PullRequest.viewerCanMergeAsAdmin")
_WRITERS = part(", writersOnly: true", "latestOpinionatedReviews(writersOnly)")
_CORE = part(
    CORE,
    *("PullRequest.mergeStateStatus", "PullRequest.mergeable", "PullRequest.headRepository"),
    *("PullRequest.headRefOid", "Repository.databaseId", "Commit.signature", "Commit.parents"),
    *("GitSignature.isValid", "Commit.tree", "Tree.oid"),
)
_SUITES = part(
    SUITES,
    *("Commit.checkSuites", "CheckSuite.databaseId", "CheckSuite.workflowRun"),
    *("WorkflowRun.event", "WorkflowRun.workflow", "Workflow.databaseId", "Workflow.name"),
    *("CheckSuite.app", "App.databaseId", "CheckSuite.checkRuns", "checkRuns(filterBy)"),
    *("CheckRun.databaseId", "CheckRun.url", "CheckRun.summary"),
    *("CheckRun.startedAt", "CheckRun.completedAt"),
)
_WHO = "{ __typename login ... on Bot { databaseId } ... on User { databaseId } }"
_THREADS = f"""(first: 20, after: $threads) {{
      nodes {{
        isResolved
        comments(first: 1) {{ nodes {{ createdAt author {_WHO} }} }}
      }}
      pageInfo {{ hasNextPage endCursor }}
    }}"""
_NEEDED = ("Labeled", "Closed", "Reopened")
_OPTIONAL = (
    *("ConvertToDraft", "AutoMergeEnabled", "AutoSquashEnabled", "AutoRebaseEnabled"),
    *("AutoMergeDisabled", "AddedToMergeQueue", "RemovedFromMergeQueue"),
)
_MORE = {
    "Labeled": part("label { name }"),
    "AutoMergeDisabled": part("reason: reasonCode", "AutoMergeDisabledEvent.reasonCode"),
    "RemovedFromMergeQueue": part("reason", "RemovedFromMergeQueueEvent.reason"),
}
_SHOWN = ("createdAt", "actor")
_VARIABLES = "$owner: String!, $name: String!, $number: Int!, $reviews: String, $threads: String"


def _value(event: str) -> str:
    """Return an event's value in the enum of the timeline's types."""
    return f"{re.sub(r'(?<=[a-z])(?=[A-Z])', '_', event).upper()}_EVENT"


_EVENTS = {
    **{event: part("") for event in _NEEDED},
    **{
        event: part("", f"{event}Event", *(f"{event}Event.{of}" for of in _SHOWN), _value(event))
        for event in _OPTIONAL
    },
}


def absent(unknown: Collection[str]) -> frozenset[str]:
    """Return the types of the events that this server does not show."""
    return frozenset(f"{event}Event" for event, one in _EVENTS.items() if not one.known(unknown))


def state_of(older: Sequence[int], unknown: Collection[str]) -> Document:
    """Write the query for one pull request with its head, and some older ones."""
    others = "\n".join(f"    p{one}: pullRequest(number: {one}) {{ ...People }}" for one in older)
    events = [event for event, one in _EVENTS.items() if one.known(unknown)]
    variables = f"{_VARIABLES}, $types: [PullRequestTimelineItemsItemType!]"
    rules = " ".join(rule.unless(unknown) for rule in RULES)
    rule = RULE.unless(unknown) and f"baseRef {{ refUpdateRule {{ __typename {rules} }} }}"
    text = f"""query({variables}) {{
  repository(owner: $owner, name: $name) {{
    databaseId
    mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed {AUTO.unless(unknown)}
    pullRequest(number: $number) {{
      ...People
      {_CORE.unless(unknown)}
      {_SUITES.unless(unknown)}
      reviewDecision {_PASS_BY.unless(unknown)}
      {rule}
    }}
{others}
  }}
}}
{_people(events, unknown)}"""
    return text, {"types": [*map(_value, events)]}


def page_of(unknown: Collection[str]) -> Document:
    """Write the query for one more page of reviews and conversations."""
    text = f"""query({_VARIABLES}) {{
  repository(owner: $owner, name: $name) {{
    databaseId
    pullRequest(number: $number) {{
    latestOpinionatedReviews{_reviews(unknown)}
    reviewThreads{_THREADS}
    }}
  }}
}}"""
    return text, {}


def _people(events: Sequence[str], unknown: Collection[str]) -> str:
    more = {event: one.unless(unknown) for event, one in _MORE.items()}
    each = "\n".join(
        f"        ... on {event}Event {{ createdAt actor {_WHO} {more.get(event, '')} }}"
        for event in events
    )
    return f"""fragment People on PullRequest {{
    isDraft
    latestOpinionatedReviews{_reviews(unknown)}
    labels(first: 100) {{ nodes {{ name }} }}
    reviewThreads{_THREADS}
    timelineItems(last: 100, itemTypes: $types) {{
      nodes {{
        __typename
{each}
      }}
    }}
}}"""


def _reviews(unknown: Collection[str]) -> str:
    return f"""(first: 100, after: $reviews{_WRITERS.unless(unknown)}) {{
      nodes {{ state submittedAt author {_WHO} }}
      pageInfo {{ hasNextPage endCursor }}
    }}"""

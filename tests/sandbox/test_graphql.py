"""GraphQL on GitHub's own schema."""

import base64
from typing import Any

import pytest

from octobot.sandbox.server import Sandbox
from tests.sandbox.visitor import COMMIT, DISTRO, Visitor, commit_variables

TEXT = base64.b64encode(b"version: 2\n").decode()


async def outline(bot: Visitor) -> Any:  # noqa: ANN401  (JSON, asserted on as it is)
    """Read the repository's id and the tip of main."""
    query = """{ repository(owner: "acme", name: "distro") { id databaseId nameWithOwner isPrivate
      defaultBranchRef { name target { oid ... on Commit { committedDate } } }
      object(expression: "HEAD:") { ... on Tree { entries { name oid mode type path } } } } }"""
    return (await bot.graphql(query))["data"]["repository"]


async def test_an_outline_is_one_call(bot: Visitor) -> None:
    """Tip and tree come together, modes as numbers."""
    found = await outline(bot)
    assert found["nameWithOwner"] == DISTRO
    assert found["defaultBranchRef"]["target"]["committedDate"] == "2026-05-04T12:00:00Z"
    entries = {one["name"]: (one["type"], one["mode"]) for one in found["object"]["entries"]}
    assert entries == {
        "bar.yaml": ("blob", 0o100644),
        "docs": ("tree", 0o40000),
        "foo.yaml": ("blob", 0o100644),
    }


async def test_what_is_missing_leaves_the_rest(sandbox: Sandbox, bot: Visitor) -> None:
    """A repository that is not there, or not for us, is an error at its path beside the data."""
    await sandbox.create_repository("acme/shut", {"a": b"1\n"}, private=True)
    answer = await bot.graphql(
        """{ a: repository(owner: "acme", name: "distro") { id }
             b: repository(owner: "acme", name: "none") { id }
             c: repository(owner: "acme", name: "shut") { id } }"""
    )
    assert answer["data"]["a"]["id"]
    assert (answer["data"]["b"], answer["data"]["c"]) == (None, None)
    assert [(e["type"], e["path"]) for e in answer["errors"]] == [
        ("NOT_FOUND", ["b"]),
        ("NOT_FOUND", ["c"]),
    ]


async def test_blobs_say_what_they_are(sandbox: Sandbox, bot: Visitor) -> None:
    """Text, binary, or too long to show whole; an absent one is null."""
    odd = {"bin": b"a\0b", "long": b"x" * 600_000, "deep/er/file": b"\xc3\xa9\n"}
    await sandbox.commit_files(DISTRO, "main", odd, "odd")
    ask = "{ ... on Blob { text byteSize isBinary isTruncated } }"
    answer = await bot.graphql(
        f"""{{ repository(owner: "acme", name: "distro") {{
          bin: object(expression: "main:bin") {ask} long: object(expression: "main:long") {ask}
          deep: object(expression: "main:deep/er/file") {ask}
          tip: object(expression: "main") {{ ... on Commit {{
            file(path: "deep/er/file") {{ name path size mode object {ask} }} }} }}
          none: object(expression: "main:nothing") {ask} }} }}"""
    )
    found = answer["data"]["repository"]
    assert found["bin"] == {"text": None, "byteSize": 3, "isBinary": True, "isTruncated": False}
    assert (found["long"]["byteSize"], found["long"]["isTruncated"]) == (600_000, True)
    assert found["deep"]["text"] == "é\n"
    assert found["none"] is None
    entry = found["tip"]["file"]
    assert (entry["path"], entry["size"], entry["object"]["text"]) == ("deep/er/file", 3, "é\n")


async def test_tags_are_paged_and_peeled(sandbox: Sandbox, bot: Visitor) -> None:
    """Newest commit first, a page at a time; an annotated tag shows its own object first."""
    first = await sandbox.publish_tag(DISTRO, "v1.0")
    await sandbox.commit_files(DISTRO, "main", {"x": b"1\n"}, "x")
    for name in ("v1.1", "v1.2"):
        await sandbox.publish_tag(DISTRO, name, annotated=name == "v1.2")
    query = """query($after: String) { repository(owner: "acme", name: "distro") {
      refs(refPrefix: "refs/tags/", first: 2, after: $after,
           orderBy: {field: TAG_COMMIT_DATE, direction: DESC}) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { name prefix target { __typename oid ... on Tag { target { oid } } } } } } }"""
    page = (await bot.graphql(query))["data"]["repository"]["refs"]
    assert [one["name"] for one in page["nodes"]] == ["v1.2", "v1.1"]
    tag, plain = (one["target"] for one in page["nodes"])
    assert tag["__typename"] == "Tag"
    assert tag["target"]["oid"] == plain["oid"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    rest = await bot.graphql(query, after=page["pageInfo"]["endCursor"])
    (last,) = rest["data"]["repository"]["refs"]["nodes"]
    assert last["target"]["oid"] == first


async def test_releases_lead_to_their_commits(sandbox: Sandbox, bot: Visitor) -> None:
    """Drafts are not shown."""
    await sandbox.publish_release(DISTRO, "v1.0")
    await sandbox.publish_release(DISTRO, "v2.0-rc1", prerelease=True)
    await sandbox.publish_release(DISTRO, "v3.0", draft=True)
    query = """{ repository(owner: "acme", name: "distro") { latestRelease { tagName }
      releases(first: 5, orderBy: {field: CREATED_AT, direction: DESC}) {
        nodes { tagName isDraft isPrerelease publishedAt tagCommit { oid } } } } }"""
    found = (await bot.graphql(query))["data"]["repository"]
    shown = [(one["tagName"], one["isPrerelease"]) for one in found["releases"]["nodes"]]
    assert shown == [("v2.0-rc1", True), ("v1.0", False)]
    assert found["latestRelease"]["tagName"] == "v1.0"
    main = (await outline(bot))["defaultBranchRef"]["target"]["oid"]
    assert found["releases"]["nodes"][0]["tagCommit"]["oid"] == main


async def test_a_commit_is_signed_and_its_branch_made_in_one_call(
    sandbox: Sandbox, bot: Visitor
) -> None:
    """One exchange, one content write, the bot's name on it."""
    found = await outline(bot)
    base = found["defaultBranchRef"]["target"]["oid"]
    sandbox.log.clear()
    made = await bot.graphql(COMMIT, **commit_variables(found["id"], "x/y", base, TEXT))
    commit = made["data"]["createCommitOnBranch"]["commit"]
    assert commit["signature"]["isValid"]
    (write,) = sandbox.log.content_writes()
    assert write.mutations == ("createRef", "createCommitOnBranch")
    assert write.actor == "octobot[bot]"
    shown = await bot.get(f"/repos/{DISTRO}/commits/{commit['oid']}")
    assert shown["author"]["id"] == sandbox.app.bot_id
    assert shown["commit"]["message"] == "foo/2 package update\n\nbecause"
    assert [one["filename"] for one in shown["files"]] == ["foo.yaml"]


async def test_a_stale_head_is_refused(sandbox: Sandbox, bot: Visitor) -> None:
    """Compare and swap: the first mutation takes effect, the second does nothing."""
    found = await outline(bot)
    base = found["defaultBranchRef"]["target"]["oid"]
    wanted: Any = commit_variables(found["id"], "x", base, TEXT)
    wanted["commit"]["expectedHeadOid"] = "0" * 40
    answer = await bot.graphql(COMMIT, **wanted)
    assert [error["type"] for error in answer["errors"]] == ["STALE_DATA"]
    assert answer["data"]["createRef"]["ref"]["name"] == "x"
    ref = await bot.get(f"/repos/{DISTRO}/git/ref/heads/x")
    assert ref["object"]["sha"] == base
    again = await bot.graphql(COMMIT, **wanted)
    assert "already exists" in again["errors"][0]["message"]
    assert sandbox.log[-1].mutations == ()


async def test_refs_are_moved_only_from_their_known_target(bot: Visitor) -> None:
    """`updateRefs` names the old value; `deleteRef` takes the node."""
    found = await outline(bot)
    base = found["defaultBranchRef"]["target"]["oid"]
    made = await bot.graphql(COMMIT, **commit_variables(found["id"], "x", base, TEXT))
    node = made["data"]["createRef"]["ref"]["id"]
    update = "mutation($i: UpdateRefsInput!) { updateRefs(input: $i) { clientMutationId } }"
    one: dict[str, object] = {"name": "refs/heads/x", "afterOid": base, "force": True}
    stale = {"repositoryId": found["id"], "refUpdates": [{**one, "beforeOid": base}]}
    answer = await bot.graphql(update, i=stale)
    assert answer["errors"][0]["type"] == "STALE_DATA"
    head = made["data"]["createCommitOnBranch"]["commit"]["oid"]
    right = {"repositoryId": found["id"], "refUpdates": [{**one, "beforeOid": head}]}
    assert "errors" not in await bot.graphql(update, i=right)
    delete = "mutation($i: DeleteRefInput!) { deleteRef(input: $i) { clientMutationId } }"
    assert "errors" not in await bot.graphql(delete, i={"refId": node})
    assert (await bot.graphql(delete, i={"refId": node}))["errors"][0]["type"] == "NOT_FOUND"


async def test_protection_and_permissions_hold_here_too(
    sandbox: Sandbox, app: Visitor, bot: Visitor
) -> None:
    """A protected branch, a workflow, a token without the right."""
    found = await outline(bot)
    base = found["defaultBranchRef"]["target"]["oid"]
    sandbox.protect(DISTRO, "main", [("build", None)])
    wanted: Any = commit_variables(found["id"], "x", base, TEXT)["commit"]
    commit = """mutation($i: CreateCommitOnBranchInput!) {
      createCommitOnBranch(input: $i) { ref { id } } }"""
    wanted["branch"]["branchName"] = "main"
    assert "Protected" in (await bot.graphql(commit, i=wanted))["errors"][0]["message"]
    sandbox.unprotect(DISTRO, "main")
    wanted["fileChanges"]["additions"][0]["path"] = ".github/workflows/ci.yml"
    answer = await bot.graphql(commit, i=wanted)
    assert "workflows" in answer["errors"][0]["message"]
    number = await sandbox.install_app(DISTRO)
    asked = {"permissions": {"contents": "read"}}
    narrow = await app.send("POST", f"/app/installations/{number}/access_tokens", asked)
    wanted["fileChanges"]["additions"][0]["path"] = "foo.yaml"
    answer = await bot.with_token(narrow.body["token"]).graphql(commit, i=wanted)
    assert answer["errors"][0]["type"] == "FORBIDDEN"


async def test_a_connection_wants_its_bounds(bot: Visitor) -> None:
    """GitHub refuses a list without a size, or one too large."""
    query = """{ repository(owner: "acme", name: "distro") {
      refs(refPrefix: "refs/tags/"%s) { totalCount } } }"""
    for bounds, kind in (
        ("", "MISSING_PAGINATION_BOUNDARIES"),
        (", first: 101", "EXCESSIVE_PAGINATION"),
    ):
        answer = await bot.graphql(query % bounds)
        assert answer["errors"][0]["type"] == kind


async def test_a_call_has_its_price(bot: Visitor) -> None:
    """One point at least; each hundred connections asked for cost one more."""
    one = """{ repository(owner: "acme", name: "distro") {
      refs(refPrefix: "refs/tags/", first: 50) { nodes { name } } }
      rateLimit { cost remaining limit } }"""
    first = (await bot.graphql(one))["data"]["rateLimit"]
    assert (first["cost"], first["limit"] - first["remaining"]) == (1, 1)
    inner = "releases(first: 100) { nodes { tagName } }"
    many = " ".join(
        f'r{n}: repository(owner: "acme", name: "distro") {{ {inner} }}' for n in range(150)
    )
    second = (await bot.graphql(f"{{ {many} rateLimit {{ cost remaining }} }}"))["data"][
        "rateLimit"
    ]
    assert (second["cost"], first["remaining"] - second["remaining"]) == (2, 2)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ('{ repository(owner: "acme", name: "distro") { nope } }', "nope"),
        ("{ viewer { ", "Syntax Error"),
        ('{ repository(owner: "acme", name: "distro") { codeOfConductUrl } }', "codeOfConductUrl"),
        ('{ repository(owner: "acme", name: "distro") { stargazerCount } }', "does not serve"),
    ],
)
async def test_a_wrong_document_is_the_judges_business(
    sandbox: Sandbox, bot: Visitor, query: str, said: str
) -> None:
    """What GitHub's schema has not, and what the sandbox has not, are both loud."""
    answer = await bot.graphql(query)
    assert answer["errors"]
    (objection,) = sandbox.judge.objections[:1]
    assert said in objection
    sandbox.judge.objections.clear()


async def test_graphql_is_for_the_known_only(anybody: Visitor, app: Visitor) -> None:
    """Neither nobody nor the App's own JWT gets in."""
    for visitor in (anybody, app):
        url = f"{visitor.sandbox.url}/api/graphql"
        reply = await visitor.send("POST", url, {"query": "{ viewer { login } }"})
        assert reply.status == 401


async def test_a_query_may_have_resources_for_some_only(sandbox: Sandbox, bot: Visitor) -> None:
    """The others are null, with a path; the caller's own repositories are not counted."""
    for name in ("other/a", "other/b"):
        await sandbox.create_repository(name, {"a": b"1\n"})
    sandbox.hub.state.live.graphql_repositories = 1
    answer = await bot.graphql(
        """{ own: repository(owner: "acme", name: "distro") { id }
             a: repository(owner: "other", name: "a") { id }
             b: repository(owner: "other", name: "b") { id } }"""
    )
    assert answer["data"]["own"]
    assert answer["data"]["a"]
    assert answer["data"]["b"] is None
    (error,) = answer["errors"]
    assert (error["type"], error["path"]) == ("RESOURCE_LIMITS_EXCEEDED", ["b"])


async def test_an_ip_allow_list_keeps_tokens_out_and_lets_the_anonymous_in(
    sandbox: Sandbox, bot: Visitor, anybody: Visitor
) -> None:
    """As GitHub documents it, by REST and by GraphQL."""
    await sandbox.create_repository("other/a", {"a": b"1\n"})
    sandbox.hub.state.live.ip_allow_lists = frozenset({"other"})
    answer = await bot.graphql('{ repository(owner: "other", name: "a") { id } }')
    assert [error["type"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert (await bot.send("GET", "/repos/other/a")).status == 403
    assert (await anybody.send("GET", "/repos/other/a")).status == 200

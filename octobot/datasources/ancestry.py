"""Which commits a ref already contains, so that a cherry-pick that upstream took can be dropped.

GitHub compares for us, all commits in one query.  Any other server is asked, for each commit,
for what it has beyond the ref: a pack without objects means that there is nothing.
"""

from collections.abc import Generator, Sequence

from octobot.datasources.git_refs import advertise, upload_pack
from octobot.datasources.gitwire.pack import count
from octobot.datasources.gitwire.pktline import pack_of, unpack
from octobot.datasources.gitwire.refs import want_beyond
from octobot.model.addresses import split
from octobot.model.ids import Repository, Sha, read_sha
from octobot.model.lookup import GraphQLRequest, GraphQLResponse, HttpResponse, Request, Response
from octobot.model.reasons import Reason

_Commits = Sequence[Sha]
_Contained = Generator[Request, Response, frozenset[str] | None]
_INSIDE = frozenset({"BEHIND", "IDENTICAL"})
"""GitHub's status of a commit that the ref contains."""
_HEAD_OF_PACK = 64 << 10


def contained(repository: str, ref: str, commits: Sequence[str]) -> _Contained:
    """Return which of `commits` are ancestors of `ref`; None when that cannot be known.

    What is not in the answer is not an ancestor or not known to be one: it must not be dropped.
    """
    known = [sha for commit in commits if (sha := read_sha(commit))]
    if not known:
        return frozenset()
    on_github = _on_github(repository)
    if on_github is not None:
        answer = yield _comparison(on_github, ref, known)
        if (inside := _compared(answer, known)) is not None:
            return inside
    return (yield from _by_fetching(repository, ref, known))


def _on_github(repository: str) -> Repository | None:
    parts = split(repository)
    if parts is None or parts.netloc.lower() != "github.com":
        return None
    try:
        return Repository.parse(parts.path.strip("/").removesuffix(".git"))
    except ValueError:
        return None


def _comparison(repository: Repository, ref: str, commits: _Commits) -> GraphQLRequest:
    """Ask how each commit compares with the ref.  Source: `Ref.compare` of GitHub's schema."""
    head = ref == "HEAD"
    field = "defaultBranchRef" if head else "ref(qualifiedName: $ref)"
    declared = ["$owner: String!", "$name: String!", *([] if head else ["$ref: String!"])]
    declared += [f"$c{number}: String!" for number in range(len(commits))]
    compared = [
        f"c{number}: compare(headRef: $c{number}) {{ status headTarget {{ oid }} }}"
        for number in range(len(commits))
    ]
    text = (
        f"query({', '.join(declared)}) {{ repository(owner: $owner, name: $name) {{ "
        f"at: {field} {{ {' '.join(compared)} }} }} }}"
    )
    variables: dict[str, str] = {"owner": repository.owner, "name": repository.name}
    variables |= {} if head else {"ref": ref}
    variables |= {f"c{number}": commit for number, commit in enumerate(commits)}
    return GraphQLRequest(text, variables)


def _compared(answer: Response, commits: _Commits) -> frozenset[str] | None:
    if not isinstance(answer, GraphQLResponse) or not answer.data:
        return None
    at = (answer.data.get("repository") or {}).get("at")
    if not isinstance(at, dict):
        return None
    inside: set[str] = set()
    for number, commit in enumerate(commits):
        compared = at.get(f"c{number}") or {}
        head = (compared.get("headTarget") or {}).get("oid")
        # A branch that is named like the commit would be compared in its place.
        if head == commit and compared.get("status") in _INSIDE:
            inside.add(commit)
    return frozenset(inside)


def _by_fetching(repository: str, ref: str, commits: _Commits) -> _Contained:
    advertised = yield from advertise(repository, [ref])
    if isinstance(advertised, Reason) or advertised.protocol != "v2":
        return None
    tip = advertised.refs.get(ref)
    if tip is None:
        return None
    inside: set[str] = set()
    for commit in commits:
        body = want_beyond(commit, tip.commit)
        answer = yield upload_pack(advertised.base, body, limit=_HEAD_OF_PACK)
        if isinstance(answer, HttpResponse) and count(pack_of(unpack(answer.body))) == 0:
            inside.add(commit)
    return frozenset(inside)

import pytest

from octobot.cli.doctor import faults_of
from octobot.github.app.app import App
from octobot.github.app.installations import identify, watched_repositories
from octobot.github.doctor.doctor import diagnose_setup
from octobot.github.doctor.finding import Finding
from octobot.github.transport.scopes import PERMISSIONS, PemSigner
from octobot.github.transport.throttle import UNLIMITED
from octobot.github.webhooks.deliveries import EVENTS
from octobot.model.errors import Misconfigured
from octobot.model.ids import Repository
from octobot.sandbox.http.faults import fault, of
from tests.github.distro import NAME, Distro
from tests.github.loopback import Say, Scene

EC_KEY = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2
OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r
1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G
-----END PRIVATE KEY-----
"""


@pytest.mark.parametrize("key", ["", "not a key", "-----BEGIN RSA PRIVATE KEY-----\nx\n", EC_KEY])
def test_a_key_that_cannot_sign_is_refused_without_a_word_of_it(key: str) -> None:
    """Before anything is sent."""
    with pytest.raises(Misconfigured) as refused:
        PemSigner(key)
    assert "BEGIN" not in str(refused.value)
    assert "x\n" not in str(refused.value)


async def test_octobot_knows_itself_by_numbers(os: Distro) -> None:
    """The App's id and the bot's user id, which nobody can imitate."""
    told = os.sandbox.app
    assert (os.bot.app, os.bot.id) == (told.app_id, told.bot_id)
    assert (os.bot.login, os.bot.slug) == (told.bot_login, told.slug)


async def test_every_installed_repository_is_watched(os: Distro) -> None:
    """Archived ones are not, and a suspended installation does not stop the others."""
    for name in ("distro/extra", "distro/old", "other/os"):
        await os.sandbox.create_repository(name, {"a.yaml": b"a: 1\n"}, default_branch="trunk")
        installation = await os.sandbox.install_app(name)
    os.sandbox.configure("distro/old", archived=True)
    found = await watched_repositories(os.app)
    assert [str(each.repository) for each in found] == [NAME, "distro/extra", "other/os"]
    assert (found[2].installation, found[2].default_branch) == (installation, "trunk")
    os.sandbox.suspend(installation)
    found = await watched_repositories(os.app)
    assert [each.repository.name for each in found] == ["os", "extra"]
    assert found[0].repository == Repository.parse(NAME)


async def test_a_token_for_one_repository_opens_no_other(os: Distro) -> None:
    """Whoever takes over a name gets nothing from us."""
    await os.sandbox.create_repository("distro/secret", {"a": b"b"}, private=True)
    await os.sandbox.install_app("distro/secret")
    road = os.app.installation(os.watched.installation, repositories=frozenset({os.watched.id}))
    answer = await road.exchange("GET", "/repos/distro/secret")
    assert answer.status == 404


async def test_an_app_installed_nowhere_still_knows_itself(stage: Scene) -> None:
    """The bot's profile is public."""
    me = {"id": 7, "slug": "octobot"}
    stage.far.say(Say(json=me), Say(json=[]), Say(json={"id": 70}))
    bot = await identify(stage.app())
    assert (bot.app, bot.id, bot.login) == (7, 70, "octobot[bot]")
    assert stage.far.asked[-1] == "GET /users/octobot%5Bbot%5D"


async def test_an_installation_that_fails_does_not_stop_the_others(stage: Scene) -> None:
    """It is left out and logged."""
    repository = {"id": 9, "name": "os", "owner": {"login": "o"}, "default_branch": "main"}
    stage.far.say(
        Say(json=[{"id": 1}, {"id": 2, "suspended_at": "2026-01-01T00:00:00Z"}, {"id": 3}]),
        Say(403, {"message": "suspended"}),
        Say(json={"repositories": [repository]}),
    )
    (found,) = await watched_repositories(stage.app())
    assert (found.installation, found.id) == (3, 9)


async def test_an_installation_that_cannot_be_read_now_keeps_what_it_had(os: Distro) -> None:
    """GitHub or the database is away for a moment: its repositories are not unwatched by that."""
    faults = os.sandbox.faults()
    listing = of("GET", "/installation/repositories")
    faults.strike("away", listing, answer=fault(503), times=10**6)
    assert await watched_repositories(os.app) == ()
    assert await watched_repositories(os.app, [os.watched]) == (os.watched,)
    assert faults.met["away"]
    faults.clear()
    os.sandbox.uninstall(NAME)
    assert await watched_repositories(os.app, [os.watched]) == ()


async def test_the_doctor_finds_a_sandbox_in_order(os: Distro) -> None:
    """Identity, permissions, events, installations and what each repository requires."""
    os.sandbox.protect(NAME, "main", [("build", 15368)])
    await os.sandbox.install_app(
        NAME,
        permissions={
            name: "write" if level == "write" else "read" for name, level in PERMISSIONS.items()
        },
    )
    found = await diagnose_setup(os.app)
    by_name = {finding.about: finding for finding in found}
    assert by_name["App"].detail.startswith("octobot")
    assert by_name["installation on distro"] == Finding(
        "installation on distro", "fine", "all that is needed"
    )
    assert any("build (App 15368)" in finding.detail for finding in found)
    assert Finding(NAME, "fine", "merge methods: merge, squash, rebase") in found
    # The sandbox's App has its own list of events; all else is in order.
    assert {finding.about for finding in found if finding.level == "problem"} <= {"events"}


async def test_the_doctor_warns_of_what_keeps_octobot_from_merging(os: Distro) -> None:
    """Nothing required, and no squash."""
    os.sandbox.configure(NAME, merge_methods=frozenset({"merge"}))
    found = await diagnose_setup(os.app)
    warning = "no required check: octobot will merge nothing here"
    assert Finding(NAME, "warning", warning) in found
    assert Finding(NAME, "warning", "merge methods: merge") in found


async def test_the_doctor_warns_of_a_job_name_in_two_workflows(os: Distro) -> None:
    """Where it is required, it means both; one workflow that runs twice is no news."""
    pull = await os.propose()
    os.sandbox.protect(NAME, "main", [("build", 15368)])
    for workflow, event in (("ci", "pull_request"), ("ci", "push"), ("nightly", "pull_request")):
        suite = os.sandbox.open_suite(NAME, pull.head, workflow=workflow, event=event)
        for name in ("build", "lint") if workflow == "ci" else ("build", "docs"):
            os.sandbox.post_check_run(NAME, pull.head, name, suite=suite, conclusion="success")
    found = await diagnose_setup(os.app)
    (shared,) = [each for each in found if "several workflows" in each.detail]
    assert (shared.about, shared.level) == (NAME, "warning")
    assert shared.detail.startswith(
        "the job name build is in several workflows: ci, nightly; it is"
    )


async def test_the_doctor_names_settings_that_can_never_work(os: Distro) -> None:
    """What rulesets require of the way of merging, and what costs builds."""
    os.sandbox.protect(NAME, "main", [("build", 15368)], strict=True, reviews=2, ruleset=True)
    os.sandbox.demand(NAME, "main", methods=frozenset({"rebase"}))
    found = {one.detail for one in await diagnose_setup(os.app) if one.level == "warning"}
    assert "merge methods: rebase" in found
    assert any("use a merge queue" in each for each in found)
    assert any(each.startswith("2 approving reviews are required") for each in found)
    os.sandbox.require_queue(NAME, "main")
    found = {one.detail for one in await diagnose_setup(os.app) if one.level == "warning"}
    assert any("`merge-by: queue`" in each for each in found)
    assert not any("use a merge queue" in each for each in found)


async def settings_found(os: Distro, text: bytes | None) -> list[tuple[str, str]]:
    """Let the doctor look at a repository with this file; return what it found there."""
    if text is not None:
        files: dict[str, bytes | None] = {".github/octobot.yaml": text}
        await os.sandbox.commit_files(NAME, "main", files, "Settings")
    found = await diagnose_setup(os.app, faults_of=faults_of)
    return [(one.level, one.detail) for one in found if one.about == NAME]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"merge-by: rocket\n", ".github/octobot.yaml:1:11: "),
        (b"no-such-key: 1\nmerge-by: 7\n", ".github/octobot.yaml:2:11: "),
        (b"\xff", "this is no text file"),
        (b"merge-method: squash\n", "does not allow `merge-method: squash`, only merge, rebase"),
        (None, "does not allow `merge-method: squash`"),
        (b"merge-by: queue\n", "has no merge queue; set `merge-by: api`"),
    ],
)
async def test_the_doctor_reads_the_repositorys_file(
    os: Distro, text: bytes | None, says: str
) -> None:
    """What is wrong with it, and what of it can never work, is a problem."""
    os.sandbox.protect(NAME, "main", [("build", 15368)])
    os.sandbox.demand(NAME, "main", methods=frozenset({"merge", "rebase"}))
    found = await settings_found(os, text)
    assert [detail for level, detail in found if level == "problem" and says in detail]


@pytest.mark.parametrize("ruleset", [True, False])
async def test_the_doctor_knows_a_required_queue(os: Distro, *, ruleset: bool) -> None:
    """`merge-by: api` can never work there; `queue` can."""
    await os.propose()
    os.sandbox.require_queue(NAME, "main", ruleset=ruleset)
    says = "the base branch requires the merge queue; set `merge-by: queue`"
    assert ("problem", says) in await settings_found(os, b"merge-by: api\n")
    found = await settings_found(os, b"merge-by: queue\n")
    assert [level for level, _ in found if level == "problem"] == []


async def test_the_doctor_has_a_word_for_what_is_hidden(os: Distro) -> None:
    """It merges as by the API, unless the queue is required."""
    await os.propose()
    os.sandbox.hub.state.live.hidden = frozenset({"queue", "auto"})
    found = await settings_found(os, b"merge-by: auto\n")
    (hidden,) = [each for each in found if "does not show" in each[1]]
    assert hidden[0] == "warning"
    assert "`merge-by: auto` and `merge-by: queue`" in hidden[1]
    assert [level for level, _ in found if level == "problem"] == []
    os.sandbox.require_queue(NAME, "main")
    found = await settings_found(os, b"merge-by: queue\n")
    assert any("grant the App" in detail for level, detail in found if level == "problem")


async def test_the_doctor_reads_the_organisations_file_too(os: Distro) -> None:
    """Its faults are named with the repository that has it."""
    bad: dict[str, bytes] = {".github/octobot.yaml": b"merge-by: 7\n"}
    await os.sandbox.create_repository("distro/.github", bad)
    await os.sandbox.install_app("distro/.github")
    found = await settings_found(os, b"")
    assert any("distro/.github: .github/octobot.yaml:1:11" in detail for _, detail in found)


async def test_the_doctor_names_what_is_missing(stage: Scene) -> None:
    """Too little, too much, and a hook that goes elsewhere."""
    permissions = {**PERMISSIONS, "workflows": "write", "checks": "read"}
    del permissions["actions"]
    me = {"id": 7, "slug": "octobot", "permissions": permissions, "events": ["push", "fork"]}
    hook = {"url": "https://old.example", "content_type": "form", "insecure_ssl": "1"}
    failed = [{"status_code": 502}, {"status_code": 0}, {"status_code": 202}]
    suspended = {"id": 1, "suspended_at": "2026-01-01T00:00:00Z", "account": {"login": "o"}}
    stage.far.say(
        Say(json=me), Say(json=[]), Say(json={"id": 70}), Say(json=me), Say(json=hook),
        Say(json=failed), Say(json=[suspended]), Say(json=[suspended]),
    )  # fmt: skip
    found = await diagnose_setup(stage.app(), hook_url="https://new.example")
    missing = ", ".join(sorted(EVENTS - {"push"}))
    assert [f"{finding.level}: {finding.about}: {finding.detail}" for finding in found] == [
        "fine: App: octobot, id 7, writes as octobot[bot] (70)",
        "problem: permissions: missing: actions=write, checks=write",
        "warning: permissions: take away: workflows",
        f"problem: events: not subscribed: {missing}",
        "warning: events: not used: fork",
        "problem: hook: it goes to https://old.example, not to https://new.example",
        "problem: hook: its content type is not json",
        "problem: hook: it accepts any certificate",
        "problem: hook: it has no secret",
        "warning: deliveries: 2 of the latest 3 failed",
        "warning: installation on o: suspended",
    ]


async def test_the_doctor_says_what_keeps_it_out(os: Distro) -> None:
    """A key that belongs to another App is one finding, not a traceback."""
    stranger = App(
        os.session,
        base_url=os.sandbox.api_url,
        issuer="424242",
        signer=PemSigner(os.sandbox.app.private_key),
        limits=UNLIMITED,
    )
    (finding,) = await diagnose_setup(stranger)
    assert (finding.about, finding.level) == ("GitHub", "problem")
    assert "OCTOBOT_APP_ID" in finding.detail
    assert "could not be decoded" in finding.detail

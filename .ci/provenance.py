"""Print the provenance of what this workflow run builds, as a SLSA predicate.

Sources: SLSA v1.0, "Provenance"; GitHub's build type "workflow/v1", whose fields these are.
`python .ci/provenance.py [NAME@sha256:DIGEST]...` adds images that the build rests on.  Who it was
that built is in the certificate of the signature, too: a predicate alone proves nothing.
"""

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence


def predicate(environ: Mapping[str, str], images: Sequence[str]) -> dict[str, object]:
    """Return the predicate of a run; `KeyError` outside GitHub Actions."""
    server, repository = environ["GITHUB_SERVER_URL"], environ["GITHUB_REPOSITORY"]
    home, ref = f"{server}/{repository}", environ["GITHUB_REF"]
    path = environ["GITHUB_WORKFLOW_REF"].removeprefix(f"{repository}/").partition("@")[0]
    run = f"{home}/actions/runs/{environ['GITHUB_RUN_ID']}"
    return {
        "buildDefinition": {
            "buildType": "https://actions.github.io/buildtypes/workflow/v1",
            "externalParameters": {"workflow": {"ref": ref, "repository": home, "path": path}},
            "internalParameters": {
                "github": {
                    "event_name": environ["GITHUB_EVENT_NAME"],
                    "repository_id": environ["GITHUB_REPOSITORY_ID"],
                    "repository_owner_id": environ["GITHUB_REPOSITORY_OWNER_ID"],
                    "runner_environment": environ["RUNNER_ENVIRONMENT"],
                }
            },
            "resolvedDependencies": [
                {"uri": f"git+{home}@{ref}", "digest": {"gitCommit": environ["GITHUB_SHA"]}},
                *map(_image, images),
            ],
        },
        "runDetails": {
            "builder": {"id": f"{server}/{environ['GITHUB_WORKFLOW_REF']}"},
            "metadata": {"invocationId": f"{run}/attempts/{environ['GITHUB_RUN_ATTEMPT']}"},
        },
    }


def _image(text: str) -> dict[str, object]:
    found = re.fullmatch(r"([^@\s]+)@sha256:([0-9a-f]{64})", text)
    if not found:
        raise SystemExit(f"{text}: not an image by its digest, NAME@sha256:DIGEST")
    return {"uri": f"pkg:docker/{found[1]}", "digest": {"sha256": found[2]}}


if __name__ == "__main__":
    json.dump(predicate(os.environ, sys.argv[1:]), sys.stdout, indent=2)

#!/bin/sh
# Install octobot of this checkout into a new virtual environment, with what it needs as it is
# locked: deploy/install.sh DIRECTORY
# Only wheels whose hashes are in the lock files are installed: nothing that is fetched is built.
# PYTHON is the Python to use; python3 when unset.
set -eu
target="${1:?usage: deploy/install.sh DIRECTORY}"
here="$(cd "$(dirname "$0")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

"${PYTHON:-python3}" -m venv "$target"
"${PYTHON:-python3}" -m venv "$work/build"
# Without a word unless something fails, and without a cache that an image would carry.
export PIP_QUIET=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ONLY_BINARY=:all:

"$work/build/bin/pip" install --require-hashes --requirement "$here/build.txt"
"$target/bin/pip" install --require-hashes --requirement "$here/requirements.txt"
# Nothing but this checkout, built with what was just installed.
"$work/build/bin/pip" wheel --no-deps --no-build-isolation --wheel-dir "$work" "$here/.."
"$target/bin/pip" install --no-deps "$work"/melange_octobot-*.whl
"$target/bin/octobot" --version

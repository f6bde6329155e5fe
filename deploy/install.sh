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
pip="-m pip --quiet --disable-pip-version-check --no-cache-dir"
locked="--require-hashes --only-binary :all: --requirement"
# Word splitting is meant below: both are lists of options.
# shellcheck disable=SC2086
{
  "$work/build/bin/python" $pip install $locked "$here/build.txt"
  "$target/bin/python" $pip install $locked "$here/requirements.txt"
  # `--no-deps --no-build-isolation`: nothing but this checkout, built with what was just installed.
  "$work/build/bin/python" $pip wheel --no-deps --no-build-isolation --wheel-dir "$work" "$here/.."
  "$target/bin/python" $pip install --no-deps "$work"/melange_octobot-*.whl
}
"$target/bin/octobot" --version

"""The annotated example of the repository's file; the manual shows it, and a test reads it."""

EXAMPLE = """\
# .github/octobot.yaml on the default branch.  Every key may be left out; these are the defaults
# unless a comment says otherwise.

# true: nothing is proposed and nothing is merged in this repository.
paused: false

# false: pull requests are opened and judged, but a person merges them.
automerge: true

# merge, squash or rebase; GitHub must allow it for this repository.
merge-method: squash

# api: octobot merges exactly the commit that it judged.  queue: it puts that commit into GitHub's
# merge queue.  auto: it switches on GitHub's auto-merge; what GitHub then merges is audited.
merge-by: api

# With one of these labels a pull request is not merged, in whatever way; upper and lower case are
# the same.
blocking-labels: [do-not-merge]

# How long ago octobot itself must have first seen a release before it is merged: s, m, h or d.
# By the size of the jump: `{major: 7d, minor: 3d, patch: 24h}`.
minimum-release-age: 24h

# The age for a version that fixes a vulnerability known to OSV.dev and that the package's second
# source confirms; both are needed (default: not shortened).
vulnerability-release-age: 6h

# A version whose first number rises by more, or that changes to or from dates, waits for a person's
# approval.
largest-jump: 1

# Packages that a person must approve before octobot merges (default: none).
approval: ["glibc*", "gcc*"]

# In addition to what branch protection and rulesets require (default: none).  `app` is the
# number of the App that posts the check, because a name alone can be imitated; 15368 is
# GitHub Actions.  Commit statuses count only when they are named here, with the number of the
# user that sets them.
required-checks:
  - name: build (x86_64)
    app: 15368
    accept: []                # or skipped, neutral: what counts like success for this check
  - status: legal/review
    creator: 41898282

# No new pull request is opened while this many of octobot's are open.
open-pull-requests: 100

# No new pull request is opened when this many were within the last hour (default: no limit).
new-pull-requests-per-hour: 60

# For one package, or group, no new pull request is opened when this many were within 24 hours.
# What people order with slash commands is not limited.
package-pull-requests-per-day: 4

# How long a package must be stuck (its tag is gone, upstream names its tags otherwise, its releases
# stopped, its filter drops the new names, its numbering began again) before an issue says so, with
# the update block that would work.  never or 0: no issue.
stuck-issue-after: 7d

# Which classes of suggested edits octobot commits to its own branches without being asked, and
# which of those it merges without an approval (default: none).  The classes: add-build-package,
# drop-patch, drop-cherry-pick, drop-dependency, raise-dependency, set-field.  What a model
# proposed (`apply-model`) is never merged without a person's approval of that very commit.
suggestions:
  apply: [drop-dependency, drop-patch]
  apply-model: []
  merge: [drop-dependency]
  model: true               # false: no model is asked about this repository

# What is rebuilt with a new version of a toolchain (default: as the annotations of its spec say).
# A name that the spec only provides counts: this rebuilds what builds with `go`, too.
# With the index of built packages it is known exactly what is linked with which library, and what
# is published; where keys are given, one of them must have signed it.
rebuild:
  enabled: false            # true: octobot opens the rebuilds; false: it only shows the plans
  toolchains:
    - name: go-1.26
      packages: [go-1.26, go]
  index:
    repository: https://packages.example.org/os # x86_64/APKINDEX.tar.gz is below it
    architectures: [x86_64, aarch64]
    allow-sha1: false
    keys:
      - name: build-5f1c.rsa.pub
        pem: |
          -----BEGIN PUBLIC KEY-----
          MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArxvpKPmRRLG4UBUNgPSg
          NCGnosMSRgAYk39Bi1q/553Z3uujwCirCbk99z+xOBUcSTMFVCO2T9pMRGCWMYzX
          YoeVpMJkRZd7QXqMTIYpjQCcL0mjzDHMpt4C3C5HISCg9pBLQVw/sbsL9GrtrNQ1
          Mhb9+D0qEHjEoTNLeAZQteGxtMh3sPt2FSOuvwdG/RK27K8I1b1M5gI/lZRAU2eB
          Dbrltqm7CZg4XzJfH8g6AHNo8B99thzxD01U3y+m06WyQY5zF1jdbuEv2HQJa3hP
          6Re2Sz5X3h8BVDqMHJqPsi/uqkO6wAVnnfexHOplQ8eOXJoFJmMjk2GI8admUeIR
          GwIDAQAB
          -----END PUBLIC KEY-----

# What differs for packages whose name matches a shell pattern; later rules win (default: none).
packages:
  - match: "openssl*"
    approval: true            # a person must approve before octobot merges
    minimum-release-age: 7d
  - match: glibc-2.43
    automerge: false
  - match: nodejs-24
    hold: waits for the new ICU # nothing is proposed or merged, for this reason
  - match: py3-requests
    datasource: pypi          # a second source: a version that it lacks or has yanked must wait
    identifier: requests

# Packages that move together: one pull request for all of them, made once each has the same new
# version, and merged once each may be (default: none).  A package is in one group at most.
groups:
  - name: rails-8.1
    match: ["ruby*-activemodel", "ruby*-activerecord", "ruby*-activesupport"]

# The lowest permission that may use a slash command: read, triage, write, maintain, admin or
# nobody; the defaults are in `octobot docs slash-commands`.
commands:
  merge: maintain
  retry: write

# The lowest permission whose `/octobot merge` waives a rule; other rules are never waived.
waive:
  automerge: write
  hold: maintain
  age: nobody

# Bots that may use slash commands, by numeric user id (default: none).
command-bots: [41898282]
"""
"""An annotated file that uses every key."""

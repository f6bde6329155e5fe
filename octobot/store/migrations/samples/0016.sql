-- The same package added to two specs of a group.
insert into suggestion (repository, number, package, path, branch, head, fingerprint, templates,
                        cause, before, after, at, helped_in, state, began, commit, green, others)
    values (101, 6, 'ruby3.4-one', 'ruby3.4-one.yaml', 'octobot/group/ruby/1.3.1',
            'ff12121212121212121212121212121212121212', 'def', '{"fatal error: <*>"}',
            '{"kind": "header-missing", "title": "x.h is missing", "line": null,
              "explanation": "", "mends": [["AddBuildPackage", {"name": "x-dev"}]], "by": "rule",
              "confidence": 1.0}',
            'package:\012', 'package: \012', '2026-01-02T03:04:05Z', null, 'offered', null, null,
            null, '[["ruby3.4-two.yaml", "cGFja2FnZToK", "cGFja2FnZTogCg=="]]');

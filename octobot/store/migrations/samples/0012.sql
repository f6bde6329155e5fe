-- A failure that a model explained, whose edit was applied and liked.
insert into suggestion (repository, number, package, path, branch, head, fingerprint, templates,
                        cause, before, after, at, helped_in, state, began, commit, green)
    values (101, 5, 'zlib', 'zlib.yaml', 'octobot/zlib/1.3.1',
            'ff11111111111111111111111111111111111111', 'abc', '{"fatal error: <*>"}',
            '{"kind": "header-missing", "title": "x.h is missing", "line": [17, "x.h: No such file"],
              "explanation": "", "mends": [["AddBuildPackage", {"name": "x-dev"}]], "by": "model",
              "confidence": 0.9}',
            'package:\012', 'package: \012', '2026-01-02T03:04:05Z', null, 'applied',
            '2026-01-02T03:04:06Z', 'ff21111111111111111111111111111111111111', true);
insert into vote (suggestion, person, up) select id, 7, true from suggestion;
insert into voter (repository, person, writes, checked) values (101, 7, true, '2026-01-02T03:05:00Z');
insert into thumb_poll (repository, number, due, tries, last)
    values (101, 5, '2026-01-02T04:00:00Z', 2, '2026-01-02T03:04:05Z');
insert into question (repository, fingerprint, asked, answer, failed)
    values (101, 'abc', '2026-01-02T03:04:04Z', null, 'the model refused');
insert into question_count (day, repository, questions) values ('2026-01-02', 101, 3), ('2026-01-02', 0, 4);

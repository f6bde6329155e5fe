-- A merged version that people took back, and one whose spec was removed afterwards.
insert into proposal (repository, package, version, branch, base, blob, head, number, state, at,
                      fates)
    values (101, 'zlib', '1.3.4', 'octobot/zlib/1.3.4', 'cc22222222222222222222222222222222222222',
            'bb22222222222222222222222222222222222222', 'ee22222222222222222222222222222222222222',
            22, 'merged', '2026-01-06T03:00:00Z',
            '{"zlib.yaml": "aa22222222222222222222222222222222222222"}'),
           (101, 'gone', '2.0', 'octobot/gone/2.0', 'cc22222222222222222222222222222222222222',
            'bb22222222222222222222222222222222222222', 'ef22222222222222222222222222222222222222',
            23, 'merged', '2026-01-06T04:00:00Z', '{"gone.yaml": "removed"}');

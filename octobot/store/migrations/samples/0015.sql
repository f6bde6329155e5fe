-- A pull request that was made anew on a newer base.
insert into proposal (repository, package, version, branch, base, blob, head, number, state, at,
                      renews)
    values (101, 'zlib', '1.3.3', 'octobot/zlib/1.3.3', 'cc15151515151515151515151515151515151515',
            'bb15151515151515151515151515151515151515', 'ee15151515151515151515151515151515151515',
            9, 'open', '2026-01-02T03:00:00Z', 'dd15151515151515151515151515151515151515');

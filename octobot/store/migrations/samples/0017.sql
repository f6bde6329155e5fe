-- A proposal that stands, of a package whose spec is gone.
insert into proposal (repository, package, version, branch, base, blob, head, number, state, at)
    values (101, 'gone', '1.1', 'octobot/gone/1.1', 'cc17171717171717171717171717171717171717',
            'bb17171717171717171717171717171717171717', 'ee17171717171717171717171717171717171717',
            11, 'open', '2026-01-02T03:00:00Z');

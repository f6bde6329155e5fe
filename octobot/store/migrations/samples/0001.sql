-- One package on its way, with everything that is remembered of it.
insert into watched (id, installation, owner, name, default_branch)
    values (101, 7, 'example', 'distro', 'main');
insert into blob (id, content)
    values ('aa11111111111111111111111111111111111111', '\x7061636b6167653a0a');
insert into package (repository, name, path, blob, reason, target, upstream, generation, tries,
                     issue, due, look_due, news)
    values
    (101, 'zlib', 'zlib.yaml', 'aa11111111111111111111111111111111111111',
     '{"code": "checks-pending", "detail": "build", "where": ["zlib.yaml", 3]}',
     '{"version": "1.3.2", "name": "v1.3.2", "commit": "bb11111111111111111111111111111111111111",
       "tag_object": null, "prerelease": false, "draft": false,
       "published": "2026-01-02T03:04:05+00:00", "committed": null}',
     '{"datasource": "github", "identifier": "madler/zlib", "kind": "tags", "branch": ""}',
     4, 1, 12, '2026-01-03T00:00:00Z', '2026-01-04T00:00:00Z', false),
    (101, 'fresh', 'fresh.yaml', 'aa11111111111111111111111111111111111111',
     '{"code": "not-looked-yet", "detail": "", "where": null}', null, null,
     0, 0, null, null, '1970-01-01T00:00:00Z', true);
insert into sighting (datasource, identifier, space, name, commit, tag_object, first_seen, moved_to)
    values
    ('github', 'madler/zlib', 'tags', 'v1.3.2', 'bb11111111111111111111111111111111111111', null,
     '2026-01-02T03:05:00Z', null),
    ('git', 'https://example.org/x.git', 'branch:main', 'main', null, null,
     '2026-01-02T03:05:00Z', 'cc11111111111111111111111111111111111111');
insert into proposal (repository, package, version, branch, base, blob, head, number, state, at)
    values
    (101, 'zlib', '1.3.1', 'octobot/zlib/1.3.1', 'dd11111111111111111111111111111111111111',
     'ee11111111111111111111111111111111111111', 'ff11111111111111111111111111111111111111', 5,
     'superseded', '2026-01-01T00:00:00Z'),
    (101, 'zlib', '1.3.2', 'octobot/zlib/1.3.2', 'dd11111111111111111111111111111111111111',
     'ee11111111111111111111111111111111111111', null, null, 'intended', '2026-01-02T04:00:00Z');
insert into head (repository, branch, head)
    values (101, 'octobot/zlib/1.3.1', 'ff11111111111111111111111111111111111111');
insert into said (repository, head, digest)
    values (101, 'ff11111111111111111111111111111111111111', 'verdict');
insert into stopped_line (repository, because) values (102, 'a merge gave another tree');

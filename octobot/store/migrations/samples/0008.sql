-- A group of two packages, proposed as one.
insert into proposal
    (repository, package, version, branch, base, blob, head, number, state, at, files)
    values
    (101, 'group/two', '1.0', 'octobot/group/two/1.0', 'dd11111111111111111111111111111111111111',
     'ee11111111111111111111111111111111111111', 'ff11111111111111111111111111111111111112', 6,
     'open', '2026-01-01T00:00:00Z',
     '{"one.yaml": "ee11111111111111111111111111111111111111",
       "other.yaml": "ee11111111111111111111111111111111111112"}');

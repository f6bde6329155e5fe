-- A package whose upstream stopped making releases, with its issue; and one whose pin is gone.
insert into stuck (repository, package, reason, since, over, issue, digest)
    values (101, 'fresh', '{"code": "releases-stopped", "detail": "v2.0 has a tag and no release"}',
            '2026-01-05T06:00:00Z', false, 12, 'abc');
insert into checked_pins (repository, package, blob, checked, repositories, gone)
    values (101, 'fresh', 'b10b', '2026-01-05T06:00:00Z', '{example/other}', '{v1.0}');

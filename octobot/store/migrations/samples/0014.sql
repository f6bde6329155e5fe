-- One upstream that always was itself, and one whose name another repository took.
insert into upstream_identity (datasource, identifier, number, first_seen, other)
    values ('github', 'madler/zlib', 1, '2026-01-02T03:04:05Z', null),
           ('github', 'example/taken', 2, '2026-01-02T03:04:05Z', 3);

-- One upstream that showed a tag: zlib-compressed `[]` is enough of a shape.
update package set mark = 'abc', prefix = 'v', pause = interval '1 minute', missed = 1
    where name = 'zlib';
insert into shown (datasource, identifier, kind, branch, prefixes, mark, digest, asked, whole)
    values ('github', 'madler/zlib', 'tags', '', '{""}', '1:abc', 'abc',
            '2026-01-02T03:05:00Z', '2026-01-02T03:05:00Z');
insert into shown_releases (datasource, identifier, kind, branch, releases)
    values ('github', 'madler/zlib', 'tags', '', '\x789c8b8e0500011500b9');

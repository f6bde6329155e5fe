-- A version that a monitor lists and upstream never tagged.
insert into missing_version (repository, package, version, because, until)
    values (101, 'fresh', '2.0', 'refs/tags/v2.0 names no commit', '2026-01-05T06:00:00Z');

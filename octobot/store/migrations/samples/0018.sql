-- A comment that somebody set out to make.
insert into spoken (repository, thread, tag, since)
    values (101, 9, 'withdrawn', '2026-01-02T03:00:00Z');

insert into command (repository, comment, taken, tries, done)
    values
    (101, 5001, '2026-01-05T10:00:00Z', 1, '2026-01-05T10:00:02Z'),
    (101, 5002, '2026-01-05T10:00:03Z', 2, null);
insert into listened (repository, since) values (101, '2026-01-05T10:00:03Z');
insert into steering (repository, package, kind, name, value, who, login, at)
    values
    (101, 'zlib', 'Hold', '', '{"reason": "waits", "until": null}', 31, 'ann',
     '2026-01-05T10:00:00Z'),
    (101, 'zlib', 'Ignore', '2.x', '{"what": "2.x"}', 31, 'ann', '2026-01-05T10:00:00Z'),
    (101, '', 'Pause', '', '{}', 31, 'ann', '2026-01-05T10:00:00Z');
insert into audit (repository, thread, comment, position, who, login, bot, level, command, words,
                   package, head, outcome, answer, at)
    values (101, 5, 5001, 0, 31, 'ann', false, 'write', 'hold', 'waits', 'zlib', null, 'done',
            'zlib is held', '2026-01-05T10:00:00Z');

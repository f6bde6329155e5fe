insert into command (repository, kind, comment, thread, taken, tries, done)
    values (101, 'review', 5001, 7, '2026-11-05T10:00:00Z', 1, null);
insert into listened (repository, kind, since, began)
    values (101, 'issue', '2026-11-05T10:00:03Z', '2026-11-01T10:00:03Z');
insert into audit (repository, thread, comment, position, who, login, bot, level, command, words,
                   package, head, outcome, answer, at, kind, answered)
    values (101, 7, 5001, 0, 32, 'eve', false, 'read', 'hold', '', '', null, 'refused',
            'This needs a role', '2026-11-05T10:00:00Z', 'review', false);

-- A delivery that failed, and how far GitHub's list was read.
insert into redelivery (guid, attempt, failed, tries, asked, settled)
    values ('72d3162e-cc78-11e3-81ab-4c9367dc0962', 7, '2026-01-02T03:00:00Z', 1,
            '2026-01-02T03:05:00Z', false);
insert into hook_log (read_to, cursor, newest, begun)
    values ('2026-01-02T03:00:00Z', 'v1_17', '2026-01-02T04:00:00Z', '2026-01-02T04:00:01Z');

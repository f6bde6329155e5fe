-- A merge that GitHub refused, one in its queue, and a line of two.
insert into merge_try (repository, number, head, way, at, refused)
    values (101, 7, 'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', 'api', now(), 'Base was modified');
insert into merge_try (repository, number, head, way, at)
    values (101, 7, 'b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1', 'queue', now());
insert into merge_line (repository, number, change, turn) values (101, 7, 'curl', now());
insert into merge_line (repository, number, change) values (101, 8, 'group/rails');

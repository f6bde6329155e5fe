-- One pull request that was taken up again, and one that was not.
insert into adoption (repository, head, branch, number, refused, at)
    values (101, 'aa22222222222222222222222222222222222222', 'octobot/zlib/1.3.2', 7, null,
            '2026-01-02T03:00:00Z'),
           (101, 'bb22222222222222222222222222222222222222', 'octobot/curl/8.9', 8,
            'its text is not the one that octobot computes', '2026-01-02T03:00:00Z');

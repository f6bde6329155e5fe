-- One repository whose settings are broken, with the last good ones.
insert into good_config (repository, path, blob, content)
    values (1, '.github/octobot.yaml', repeat('a', 40), E'paused: false\n');
insert into config_issue (repository, digest, number, at)
    values (1, repeat('b', 64), 7, '2026-01-02T03:04:05Z');

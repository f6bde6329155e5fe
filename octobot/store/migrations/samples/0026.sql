insert into wave (repository, name, trigger, state, because, by, since, issue, digest) values
    (1, 'go-1.26=1.26.4..1.26.5',
        '{"kind": "package", "name": "go-1.26", "old": "1.26.4", "new": "1.26.5", "commit": ""}',
        'open', '', '', '2026-03-01 12:00+00', 12, repeat('ab', 16));

insert into wave_spec (wave, spec, of, ordered) select id, 'curl', '8.9.0-r0', true from wave;

insert into trigger_seen (repository, spec, version) values (1, 'go-1.26', '1.26.5-r0');

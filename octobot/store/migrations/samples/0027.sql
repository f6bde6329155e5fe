insert into package_index (repository, address, newest, origins, doubted, at) values
    (1, 'https://packages.example.org/os/x86_64/APKINDEX.tar.gz', 1760000000,
        '{curl,go-1.26}', '', '2026-03-01 12:00+00'),
    (1, 'https://packages.example.org/os/aarch64/APKINDEX.tar.gz', 1760000000,
        '{curl}', repeat('ab', 32), '2026-03-01 12:00+00');

insert into asked_rebuild (repository, thread, person, trigger, because, digest, at) values
    (1, 7, 1001, '{"kind": "users-of", "name": "icu-dev", "old": "", "new": "", "commit": ""}',
        'the ABI changed', repeat('cd', 32), '2026-03-01 12:00+00');

-- One check of GitHub Actions that was run again.
insert into rerun (repository, head, app, name, asked)
    values (1, '0123456789012345678901234567890123456789', 15368, 'build (x86_64)',
            '2026-01-02T03:04:05Z');

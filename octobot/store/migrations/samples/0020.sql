-- A reason by its new name, and a pull request that a person wants recreated.
update package set reason = jsonb_set(reason, '{code}', '"on-hold"') where name = 'fresh';
insert into steering (repository, package, kind, name, value, who, login, at)
    values (101, 'fresh', 'Recreate', '',
            '{"head": "ff11111111111111111111111111111111111111", "foreign": false}',
            9, 'ann', '2026-01-05T00:00:00Z');

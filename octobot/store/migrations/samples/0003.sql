-- One delivery worked off, one pending, one without use.
insert into delivery (guid, name, digest, event, received, taken, done)
    values
    ('72d3162e-cc78-11e3-81ab-4c9367dc0958', 'push', 'd1',
     '{"kind": "Pushed", "repository": 101, "branch": "main",
       "head": "dd11111111111111111111111111111111111111", "is_default": true}',
     '2026-01-02T03:00:00Z', '2026-01-02T03:00:01Z', '2026-01-02T03:00:02Z'),
    ('72d3162e-cc78-11e3-81ab-4c9367dc0959', 'check_run', 'd2',
     '{"kind": "ChecksChanged", "repository": 101,
       "head": "ff11111111111111111111111111111111111111", "branch": null}',
     '2026-01-02T03:00:00Z', null, null),
    ('72d3162e-cc78-11e3-81ab-4c9367dc0960', 'star', 'd3', null, '2026-01-02T03:00:00Z', null,
     '2026-01-02T03:00:00Z');

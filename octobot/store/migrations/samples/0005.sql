-- A delivery known by what it tells of.
insert into delivery (guid, name, told, event, received)
    values
    ('72d3162e-cc78-11e3-81ab-4c9367dc0961', 'ping', 'd5', '{"kind": "Pinged"}',
     '2026-01-02T03:00:00Z');

-- One installation that wrote twice, and whose GraphQL budget is used up.
insert into pace (installation, spent)
    values (7, '{"closed": {"graphql": 1767323045.5}, "next_write": 1767322801.0,
                 "content": [[1767322800.0, 2]], "points": [[1767322800.0, 12]]}');

-- A package that is in the open change of its group.
insert into open_member (repository, package, change)
    values (101, 'ruby3.4-actionview', 'group/rails');

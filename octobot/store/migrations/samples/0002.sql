-- A key that waits and one that a worker has.
insert into procrastinate_workers default values;
insert into procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status)
    values ('reconcile', 'reconcile', '101/zlib', '101/zlib', '{"key": "101/zlib"}', 'todo');
insert into procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, worker_id)
    select 'reconcile', 'reconcile', '101/fresh', '101/fresh', '{"key": "101/fresh"}', 'doing', id
        from procrastinate_workers;

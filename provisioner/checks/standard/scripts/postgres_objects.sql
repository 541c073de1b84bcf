-- What a dump that was cut off, or a migration backwards, leaves out.
SET default_transaction_read_only = on;
SELECT 'objects', :'base', count(*) FILTER (WHERE relkind IN ('r', 'p', 'm', 'v')),
       count(*) FILTER (WHERE relkind IN ('i', 'I')), (SELECT count(*) FROM pg_constraint k
         JOIN pg_namespace n ON n.oid = connamespace WHERE convalidated AND conparentid = 0
         AND nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'),
       (SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
         WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
         AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e'))
       + (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE NOT relispartition AND relpersistence <> 't' AND nspname NOT LIKE 'pg\_%'
    AND nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e');

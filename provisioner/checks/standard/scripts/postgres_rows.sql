-- How many rows each table has.
SET default_transaction_read_only = on;
SELECT format($q$SELECT 'table', %1$L, %2$L, count(*) FROM %2$s$q$, :'base', c.oid::regclass)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (relkind = 'r' OR relkind = 'm' AND relispopulated) AND relpersistence <> 't' AND nspname NOT LIKE 'pg\_%'
  AND nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') \gexec

-- What a dump that was cut off, or a migration backwards, leaves out.
SELECT CONCAT('SELECT ''objects'', ', QUOTE(SCHEMA_NAME), ',
  (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ', QUOTE(SCHEMA_NAME), '),
  (SELECT COUNT(DISTINCT TABLE_NAME, INDEX_NAME) FROM information_schema.STATISTICS
    WHERE TABLE_SCHEMA = ', QUOTE(SCHEMA_NAME), '),
  (SELECT COUNT(*) FROM information_schema.TABLE_CONSTRAINTS
    WHERE CONSTRAINT_SCHEMA = ', QUOTE(SCHEMA_NAME), '),
  (SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ', QUOTE(SCHEMA_NAME), ')
  + (SELECT COUNT(*) FROM information_schema.TRIGGERS
    WHERE TRIGGER_SCHEMA = ', QUOTE(SCHEMA_NAME), ');')
FROM information_schema.SCHEMATA
WHERE SCHEMA_NAME NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
  AND (@only = '' OR SCHEMA_NAME = @only);

-- How many rows each table has.
SELECT CONCAT('SELECT ''table'', ', QUOTE(TABLE_SCHEMA), ', ', QUOTE(TABLE_NAME),
              ', COUNT(*) FROM `', REPLACE(TABLE_SCHEMA, '`', '``'), '`.`',
              REPLACE(TABLE_NAME, '`', '``'), '`;')
FROM information_schema.TABLES
WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND (@only = '' OR TABLE_SCHEMA = @only)
  AND TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema');

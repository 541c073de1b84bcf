SELECT CONCAT('CHECK TABLE `', REPLACE(TABLE_SCHEMA, '`', '``'), '`.`',
              REPLACE(TABLE_NAME, '`', '``'), '` EXTENDED;')
FROM information_schema.TABLES
WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')
  AND (@only = '' OR TABLE_SCHEMA IN (@only, 'mysql'))
  AND TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema');

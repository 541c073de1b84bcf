SET SESSION group_concat_max_len = 1000000;
SELECT CONCAT(
  'SELECT IF(COUNT(*) = 0, ''sound'', ''bad''), CONCAT(', QUOTE(CONCAT(k.TABLE_SCHEMA, '.',
  k.TABLE_NAME)), ', '': '', COUNT(*), '' rows have no counterpart in '', ',
  QUOTE(CONCAT(k.REFERENCED_TABLE_SCHEMA, '.', k.REFERENCED_TABLE_NAME)), ', '' ('', ',
  QUOTE(k.CONSTRAINT_NAME), ', '')'') FROM `', REPLACE(k.TABLE_SCHEMA, '`', '``'), '`.`',
  REPLACE(k.TABLE_NAME, '`', '``'), '` c WHERE ',
  GROUP_CONCAT(CONCAT('c.`', REPLACE(k.COLUMN_NAME, '`', '``'), '` IS NOT NULL') SEPARATOR ' AND '),
  ' AND NOT EXISTS (SELECT 1 FROM `', REPLACE(k.REFERENCED_TABLE_SCHEMA, '`', '``'), '`.`',
  REPLACE(k.REFERENCED_TABLE_NAME, '`', '``'), '` p WHERE ',
  GROUP_CONCAT(CONCAT('p.`', REPLACE(k.REFERENCED_COLUMN_NAME, '`', '``'), '` = c.`',
    REPLACE(k.COLUMN_NAME, '`', '``'), '`') SEPARATOR ' AND '), ');')
FROM information_schema.KEY_COLUMN_USAGE k
WHERE k.REFERENCED_TABLE_NAME IS NOT NULL AND (@only = '' OR k.TABLE_SCHEMA = @only)
GROUP BY k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.REFERENCED_TABLE_SCHEMA,
  k.REFERENCED_TABLE_NAME;

-- The counter is read after the column: meanwhile the application may insert.
SELECT CONCAT(
  'SET @top = NULL; SELECT MAX(`', REPLACE(c.COLUMN_NAME, '`', '``'), '`) INTO @top FROM `',
  REPLACE(t.TABLE_SCHEMA, '`', '``'), '`.`', REPLACE(t.TABLE_NAME, '`', '``'), '`; ',
  'SELECT IF(@top IS NULL OR @top <= AUTO_INCREMENT, ''sound'', ''bad''), CONCAT(',
  QUOTE(CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME, '.', c.COLUMN_NAME)),
  ', '' goes to '', @top, '', and the next is '', AUTO_INCREMENT) FROM information_schema.TABLES ',
  'WHERE TABLE_SCHEMA = ', QUOTE(t.TABLE_SCHEMA), ' AND TABLE_NAME = ', QUOTE(t.TABLE_NAME), ';')
FROM information_schema.TABLES t JOIN information_schema.COLUMNS c
  ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME
WHERE c.EXTRA LIKE '%auto_increment%' AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
  AND (@only = '' OR t.TABLE_SCHEMA = @only)
  AND t.TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema');

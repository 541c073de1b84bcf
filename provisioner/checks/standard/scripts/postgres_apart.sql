-- What could reach production: a standby, an archive, a subscription.
SET default_transaction_read_only = on;
SELECT pg_is_in_recovery() AND :'first' = 't' AS standby,
       -- Only a superuser may read these; before version 12 they are in a file.
       CASE WHEN pg_is_in_recovery() THEN coalesce(current_setting('primary_conninfo', true)
         || current_setting('restore_command', true), 'not known') <> ''
         -- NULL would unset the variable.
         ELSE false END AS sourced \gset
-- Where it goes to, and nothing else: passwords may be quoted, and have blanks or "host=" in them.
SELECT 'reaches', 'it is a standby of ' || coalesce((SELECT string_agg(word[1] || '=' || word[2], ' ')
    FROM regexp_matches(conninfo,
      '(\w+)\s*=\s*(''(?:[^''\\]|\\.)*''|(?:[^\s''\\]|\\.)*)', 'g') AS word
    WHERE word[1] IN ('host', 'hostaddr', 'port') AND conninfo !~ '^\s*postgres(ql)?://'),
  'another server')
  FROM (SELECT current_setting('primary_conninfo', true) AS conninfo) AS c
  WHERE :'standby' AND :'sourced';
-- Nothing to follow, and nobody who promotes it: that it is no production's standby is sure.
SELECT 'bad', 'it came back as a standby that follows no server (standby.signal): nobody can write'
  WHERE :'standby' AND NOT :'sourced';
SELECT 'reaches', format('archive_mode is %s, with archive_command or archive_library set',
    current_setting('archive_mode'))
  WHERE current_setting('archive_mode') <> 'off' AND :'first' = 't'
    AND (coalesce(current_setting('archive_library', true), '') <> ''
      OR current_setting('archive_command') NOT IN ('', '(disabled)', 'true', '/bin/true'));
SELECT 'reaches', format('subscription %s of %s is enabled', subname, :'base')
  FROM pg_subscription JOIN pg_database d ON d.oid = subdbid
  WHERE subenabled AND datname = current_database()
    AND current_setting('max_logical_replication_workers')::int > 0;
SELECT 'sound', 'archive_mode is ' || current_setting('archive_mode') || ', no standby'
  WHERE :'first' = 't' AND NOT :'standby';

-- Rows that an index knows and the table does not have: a table that was cut, or whose page was
-- overwritten with zeros, is read without an error and so passes a dump and pg_amcheck.
-- The catalogs of a database without tables are pg_amcheck's alone.
SELECT NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE relkind IN ('r', 'm') AND nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema')
  AS unused \gset
\if :unused
\quit
\endif
-- Never committed: nothing of it stays, and no dump that runs meanwhile comes upon it.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE SCHEMA provisioner_checks;
CREATE EXTENSION IF NOT EXISTS pageinspect SCHEMA provisioner_checks;
CREATE EXTENSION IF NOT EXISTS pg_visibility SCHEMA provisioner_checks;
SELECT set_config('search_path', string_agg(DISTINCT quote_ident(nspname), ','), false) AS path
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
  WHERE extname IN ('pageinspect', 'pg_visibility') \gset

SELECT 'bad', format('%s.%s: the file of %s is %s', :'base', oid::regclass,
         CASE relkind WHEN 'i' THEN 'this index' WHEN 'S' THEN 'this sequence' ELSE 'this table' END,
         CASE WHEN size IS NULL THEN 'missing' ELSE 'empty' END)
  FROM (SELECT c.*, (pg_stat_file(pg_relation_filepath(c.oid), true)).size FROM pg_class c
        WHERE relkind IN ('r', 'i', 't', 'm', 'S') AND relpersistence <> 't'
          -- None, when it was dropped meanwhile.
          AND pg_relation_filepath(c.oid) IS NOT NULL) c
  WHERE size IS NULL OR size = 0 AND (relkind = 'S' OR relkind = 'i'
        AND relam IN (SELECT oid FROM pg_am WHERE amname IN ('btree', 'hash', 'gin', 'gist')));

-- ``tables`` is what is locked; a materialized view cannot be. SHARE keeps VACUUM and writers away,
-- and lets pg_amcheck, which takes it as well, go on side by side.
-- The smallest btree index that knows every row of its table.
CREATE TEMP VIEW best AS
  SELECT DISTINCT ON (t.oid) t.oid AS heap, i.indexrelid AS index, t.relkind,
         (SELECT m.oid::regclass::text FROM pg_class m WHERE m.relkind = 'r'
          AND t.oid IN (m.oid, m.reltoastrelid)) AS tables
  FROM pg_class t
  LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisvalid AND i.indpred IS NULL
       AND (SELECT amname FROM pg_class x JOIN pg_am a ON a.oid = x.relam WHERE x.oid = indexrelid)
           = 'btree'
  WHERE t.relkind IN ('r', 't', 'm') AND t.relpersistence = 'p'
    AND (t.relam = 2 OR t.relkind = 't')
  ORDER BY t.oid, pg_relation_size(i.indexrelid);

SELECT format($q$
  SAVEPOINT one;
  %1$s
  WITH leaf AS MATERIALIZED (
    SELECT s.blkno, s.btpo_next
    FROM generate_series(1, pg_relation_size(%3$L::regclass)
           / current_setting('block_size')::bigint - 1) AS p,
      LATERAL bt_page_stats(%3$L, p::int) AS s WHERE s.type = 'l'),
  known AS MATERIALIZED (
    SELECT (tid::text::point)[0]::bigint AS block, (tid::text::point)[1]::int AS slot
    FROM leaf, LATERAL bt_page_items(%3$L, leaf.blkno::int) AS i,
      LATERAL unnest(coalesce(i.tids, ARRAY[i.htid])) AS tid
    WHERE NOT coalesce(i.dead, false) AND (leaf.btpo_next = 0 OR i.itemoffset > 1)),
  blocks AS MATERIALIZED (
    SELECT block, CASE WHEN block < pg_relation_size(%2$L::regclass)
             / current_setting('block_size')::bigint
           THEN ((page_header(get_raw_page(%2$L, block::int))).lower - 24) / 4 ELSE 0 END AS slots
    FROM (SELECT DISTINCT block FROM known) AS b)
  SELECT CASE WHEN count(*) FILTER (WHERE slot > slots) = 0 THEN 'sound' ELSE 'bad' END,
         CASE WHEN count(*) FILTER (WHERE slot > slots) = 0 THEN count(*)::text
         ELSE format('%%s.%%s: %%s of %%s rows that its index %%s knows are gone, from block %%s on',
           %4$L, %2$L, count(*) FILTER (WHERE slot > slots), count(*), %3$L,
           min(block) FILTER (WHERE slot > slots)) END
  FROM known JOIN blocks USING (block);
  ROLLBACK TO SAVEPOINT one;
$q$, 'LOCK TABLE ' || tables || ' IN SHARE MODE;', heap::regclass,
  index::regclass, :'base')
FROM best WHERE index IS NOT NULL \gexec

-- A table without such an index: pages that were all-visible and are no more, and lost pages.
SELECT format($q$
  SAVEPOINT one;
  %1$s
  SELECT CASE WHEN count(*) = 0 THEN 'sound' ELSE 'bad' END,
         CASE WHEN count(*) = 0 THEN '0' ELSE format(
           '%%s.%%s: %%s pages are empty that were full of rows, from block %%s on',
           %3$L, %2$L, count(*), min(blkno)) END
  FROM pg_visibility(%2$L::regclass) WHERE all_visible AND NOT pd_all_visible;
  ROLLBACK TO SAVEPOINT one;
$q$, 'LOCK TABLE ' || tables || ' IN SHARE MODE;', heap::regclass, :'base')
FROM best WHERE index IS NULL \gexec

-- Later versions load the statistics of another server with a dump: there it says nothing.
SELECT 'bad', format('%s.%s: it has %s pages, and had %s when they were last counted', :'base',
         heap::regclass, pages, relpages)
  FROM best JOIN pg_class c ON c.oid = heap,
    LATERAL (SELECT pg_relation_size(heap) / current_setting('block_size')::bigint AS pages) AS p
  WHERE index IS NULL AND pages < relpages
    AND current_setting('server_version_num')::int < 180000;

-- Every page of the other kinds of indexes, so that page checksums are looked at.
SELECT format($q$
  SELECT 'sound', count(length(get_raw_page(%1$L, b::int))) * 0 FROM generate_series(0,
    pg_relation_size(%1$L::regclass) / current_setting('block_size')::bigint - 1) AS b;
$q$, c.oid::regclass)
FROM pg_class c JOIN pg_am a ON a.oid = c.relam
WHERE c.relkind = 'i' AND a.amname <> 'btree' AND c.relpersistence = 'p' \gexec

ROLLBACK;

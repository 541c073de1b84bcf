-- Foreign keys and unique keys, asked of the tables and not of their indexes.
SET default_transaction_read_only = on;
SET enable_indexscan = off;
SET enable_indexonlyscan = off;
SET enable_bitmapscan = off;

SELECT 'bad', format('%s.%s: the index is not valid (REINDEX it, or drop it in production, too)',
         :'base', indexrelid::regclass)
  FROM pg_index JOIN pg_class c ON c.oid = indexrelid
  WHERE c.relkind = 'i' AND NOT (indisvalid AND indisready AND indislive);

SELECT 'note', format('%s: %s constraints are NOT VALID, as in production', :'base', count(*))
  FROM pg_constraint WHERE NOT convalidated HAVING count(*) > 0;

SELECT 'bad', format('%s: not one of its %s tables has a key or an index: it was cut off before '
         'them', :'base', count(*))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE relkind IN ('r', 'p') AND nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
  HAVING count(*) > 0 AND NOT bool_or(relhasindex)
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE contype IN ('p', 'u', 'f', 'x')
                    AND conrelid >= 16384)
    AND EXISTS (SELECT FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
                WHERE d.deptype IN ('a', 'i') AND d.refobjsubid > 0);

SELECT format($q$
  SELECT CASE WHEN count(*) = 0 THEN 'sound' ELSE 'bad' END,
    CASE WHEN count(*) = 0 THEN 'foreign' ELSE format(
      '%%s.%%s: %%s rows have no counterpart in %%s (%%s)', %1$L, %2$L, count(*), %3$L, %4$L) END
  FROM %2$s AS c WHERE %5$s AND NOT EXISTS (SELECT FROM %3$s AS p WHERE %6$s);
$q$, :'base', conrelid::regclass, confrelid::regclass, conname,
  string_agg(format('c.%I IS NOT NULL', a.attname), ' AND '),
  string_agg(format('p.%I OPERATOR(%I.%s) c.%I', b.attname, n.nspname, o.oprname, a.attname),
    ' AND '))
-- By the key's own operators: what "=" means depends on the search_path.
FROM pg_constraint k, LATERAL unnest(conkey, confkey, conpfeqop) AS u(own, other, equal)
JOIN pg_operator o ON o.oid = equal JOIN pg_namespace n ON n.oid = o.oprnamespace
JOIN pg_attribute a ON a.attnum = own, pg_attribute b
WHERE contype = 'f' AND convalidated AND conparentid = 0
  AND to_jsonb(k) ->> 'conperiod' IS DISTINCT FROM 'true'
  AND to_jsonb(k) ->> 'conenforced' IS DISTINCT FROM 'false'
  AND a.attrelid = conrelid AND b.attrelid = confrelid AND b.attnum = other
GROUP BY k.oid, conrelid, confrelid, conname \gexec

SELECT format($q$
  SELECT CASE WHEN count(*) = 0 THEN 'sound' ELSE 'bad' END,
    CASE WHEN count(*) = 0 THEN 'unique' ELSE format(
      '%%s.%%s: %%s values are there more than once, against %%s', %1$L, %2$L, count(*), %3$L) END
  FROM (SELECT FROM %2$s WHERE %4$s GROUP BY %5$s HAVING count(*) > 1) AS doubles;
$q$, :'base', indrelid::regclass, indexrelid::regclass,
  string_agg(format('%I IS NOT NULL', a.attname), ' AND '),
  string_agg(quote_ident(a.attname), ', '))
FROM pg_index i JOIN pg_class t ON t.oid = indrelid JOIN pg_namespace n ON n.oid = t.relnamespace,
  LATERAL unnest(indkey::int2[]) WITH ORDINALITY AS u(number, place)
JOIN pg_attribute a ON a.attnum = number
WHERE a.attrelid = indrelid AND place <= indnkeyatts AND indisunique AND indisvalid
  AND indimmediate AND indpred IS NULL AND indexprs IS NULL AND (t.relkind = 'r' OR t.relkind = 'm' AND t.relispopulated)
  AND t.relpersistence <> 't' AND nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'
GROUP BY i.indexrelid, indrelid \gexec

-- Whether one of a sequence's next 100 values is taken: the next inserts collide. A row far above,
-- as of a user "nobody", is none. Where it was never called its rows may have been given numbers, as
-- in a table that a migration fills; where none of the database was, a dump may lack them all.
SELECT count(last_value) > 0 AS called FROM pg_sequences \gset
SELECT format($q$
  SELECT CASE WHEN top IS NULL THEN 'sound' WHEN is_called THEN 'bad' WHEN %7$L THEN 'note'
         ELSE 'unset' END, CASE WHEN top IS NULL THEN 'sequence' ELSE
         format('%%s.%%s is at %%s%%s, and %%s goes on to %%s', %1$L, %2$L, last_value,
           CASE WHEN is_called THEN '' ELSE ' and was never called' END, %4$L, top) END
  FROM (SELECT *, (SELECT max(%5$I) FROM %3$s
          WHERE %5$I BETWEEN next AND next + 99 * %6$s AND (%5$I - next) %% %6$s = 0) AS top
        FROM (SELECT last_value, is_called, last_value::numeric
                + CASE WHEN is_called THEN %6$s ELSE 0 END AS next FROM %2$s) AS s) AS s;
$q$, :'base', s.seqrelid::regclass, d.refobjid::regclass, d.refobjid::regclass || '.' || a.attname,
  a.attname, seqincrement, :'called')
FROM pg_sequence s JOIN pg_depend d ON d.objid = s.seqrelid AND d.classid = 'pg_class'::regclass
  AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE seqincrement > 0 AND NOT seqcycle AND (a.attidentity <> '' OR EXISTS (SELECT FROM pg_attrdef f
  WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum))
  AND a.atttypid = ANY ('{int2,int4,int8,numeric}'::regtype[]) \gexec

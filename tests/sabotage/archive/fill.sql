-- :files is a JSON list of path, bytes and digest; what is there already stays.
INSERT INTO documents (shelf, path, bytes, digest, sealed, scan)
SELECT 1 + mod(n, 8)::integer, file->>'path', (file->>'bytes')::bigint, file->>'digest',
       pgp_sym_encrypt('seal of ' || (file->>'path'), :'key'),
       (SELECT string_agg(sha512((file->>'path' || block)::bytea), ''::bytea)
        FROM generate_series(1, 64) AS block)
FROM jsonb_array_elements(:'files') WITH ORDINALITY AS one (file, n)
ORDER BY n
ON CONFLICT DO NOTHING;
INSERT INTO notes (document, written_at, digest, body)
SELECT id, timestamptz '2026-01-01 08:00+00' + (id * 12 + n) * interval '1 minute', md5(body), body
FROM documents, generate_series(1, 12) AS n,
     LATERAL (SELECT repeat('note ' || n || ' on ' || path || '. ', 8) AS body) AS made
WHERE NOT EXISTS (SELECT FROM notes WHERE document = documents.id)
ORDER BY id, n;
VACUUM ANALYZE;

-- An archive's tables. Every document has a file on the other volume, and a dozen notes.
CREATE EXTENSION pgcrypto;
CREATE TABLE shelves (id integer PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE documents (
    id serial PRIMARY KEY,
    shelf integer NOT NULL REFERENCES shelves,
    path text NOT NULL UNIQUE,
    bytes bigint NOT NULL,
    digest text NOT NULL,
    -- Opened by the sealing key of the application's Secret alone.
    sealed bytea NOT NULL,
    scan bytea NOT NULL
);
ALTER TABLE documents ALTER COLUMN scan SET STORAGE EXTERNAL;
CREATE TABLE notes (
    id bigserial PRIMARY KEY,
    document integer NOT NULL REFERENCES documents,
    written_at timestamptz NOT NULL,
    digest text NOT NULL,
    body text NOT NULL CHECK (length(body) > 0)
);
CREATE INDEX notes_document ON notes (document);
CREATE INDEX notes_written_at ON notes (written_at);
-- Nothing is lent at present.
CREATE TABLE loans (id serial PRIMARY KEY, document integer NOT NULL REFERENCES documents);
INSERT INTO shelves SELECT n, 'Shelf ' || n FROM generate_series(1, 8) AS n;

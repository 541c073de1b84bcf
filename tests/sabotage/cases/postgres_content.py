"""PostgreSQL that starts on sound files, and whose content is not what it was."""

from tests.sabotage.case import CHECK, Family
from tests.sabotage.engines import postgres, postgres_that_crashes
from tests.sabotage.scene import Scene

FAMILY = Family()


def change(scene: Scene, sql: str) -> None:
    """Run statements as the superuser, in one transaction."""
    postgres(scene.part("database"), sql)


@FAMILY.bad("archive", CHECK)
def pg_table_dropped(scene: Scene) -> None:
    """A migration that went wrong dropped a table before the backup."""
    change(scene, "DROP TABLE notes")


@FAMILY.bad("archive", CHECK)
def pg_half_the_rows(scene: Scene) -> None:
    """A clean-up job deleted every other row."""
    change(scene, "DELETE FROM notes WHERE id % 2 = 0")


@FAMILY.bad("archive", CHECK)
def pg_table_emptied(scene: Scene) -> None:
    """Somebody truncated the wrong database's table."""
    change(scene, "TRUNCATE notes")


@FAMILY.bad("archive", CHECK)
def pg_schema_only(scene: Scene) -> None:
    """What is backed up is a copy of the schema, with no row in any table."""
    change(scene, "TRUNCATE notes, documents, shelves, loans")


@FAMILY.bad("archive", CHECK)
def pg_index_dropped(scene: Scene) -> None:
    """An index is gone: everything answers, slowly."""
    change(scene, "DROP INDEX notes_document")


@FAMILY.bad("archive", CHECK)
def pg_index_invalid(scene: Scene) -> None:
    """CREATE INDEX CONCURRENTLY broke off, and left an index that nothing may use."""
    change(
        scene,
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'notes_document'::regclass",
    )


@FAMILY.bad("archive", CHECK)
def pg_orphans(scene: Scene) -> None:
    """Rows that others refer to are gone: a restore of some tables ran with triggers off."""
    change(
        scene,
        "SET session_replication_role = replica; DELETE FROM documents WHERE id <= 20",
    )


@FAMILY.bad("archive", CHECK)
def pg_constraints_dropped(scene: Scene) -> None:
    """A load by hand dropped the constraints and never put them back."""
    change(
        scene,
        "ALTER TABLE notes DROP CONSTRAINT notes_document_fkey;"
        " ALTER TABLE documents DROP CONSTRAINT documents_shelf_fkey",
    )


@FAMILY.bad("archive", CHECK)
def pg_sequence_reset(scene: Scene) -> None:
    """Rows were copied without their sequence: the next insert collides."""
    change(scene, "SELECT setval('notes_id_seq', 1)")


@FAMILY.bad("archive", CHECK)
def pg_another_database(scene: Scene) -> None:
    """What was backed up is the server of another application."""
    statements = "ALTER DATABASE archive RENAME TO invoices"
    postgres(scene.part("database"), statements, database="postgres")


@FAMILY.bad("archive", CHECK)
def pg_staging(scene: Scene) -> None:
    """What was backed up is staging: the same schema, and a handful of rows."""
    change(scene, "DELETE FROM notes WHERE document > 5; DELETE FROM documents WHERE id > 5")


@FAMILY.bad("archive", CHECK)
def pg_unlogged(scene: Scene) -> None:
    """A table was made UNLOGGED for a quick load, and a copy of the running volume recovers it as
    an empty one."""
    shell = "$client archive -c 'ALTER TABLE notes SET UNLOGGED' -c CHECKPOINT"
    postgres_that_crashes(scene.part("database"), shell)


@FAMILY.bad(
    "archive", CHECK, unseen="the engine does not know that a column is encrypted, nor by which key"
)
def pg_sealing_key_gone(scene: Scene) -> None:
    """The Secret with the key was lost, and a new one was made: what is sealed opens no more."""
    scene.use_secret(sealingKey="another-one")

"""Which file of a snapshot is the dump."""

from provisioner.errors import BackupError, ConfigurationError, UnclearError
from provisioner.repositories.restic import ResticRepository
from provisioner.repositories.snapshot import Snapshot

_NAMED = 5


async def find_dump(
    repository: ResticRepository, snapshot: Snapshot, file: str | None, wanted_by: str
) -> tuple[str, int]:
    """Path and size in bytes of a snapshot's dump: the file that is named, or the only one.

    Raises:
        BackupError: it is empty, or the snapshot holds no file at all.
        ConfigurationError: there are several files, and none is named.
        UnclearError: the file that is named is not there: it, or the backup, may be wrong.
        RepositoryError: the repository cannot be read.
    """
    nodes = await repository.nodes(snapshot.id, file or "/")
    files = {one["path"]: int(one.get("size", 0)) for one in nodes if one["type"] == "file"}
    where = f"{wanted_by}: snapshot {snapshot.id[:8]}"
    if file is not None:
        if file not in files:
            raise UnclearError(
                f"{where} holds no file {file}",
                hint="did the dump program run, and is this its file? try: restic ls",
            )
        files = {file: files[file]}
    if not files:
        raise BackupError(f"{where} holds no file", hint="look at what the backup reads")
    if len(files) > 1:
        named = ", ".join(list(files)[:_NAMED])
        raise ConfigurationError(
            f"{where} holds {len(files)} files: {named}{', ...' if len(files) > _NAMED else ''}",
            hint="name the dump under into.stream.file",
        )
    ((path, size),) = files.items()
    if size == 0:
        raise BackupError(f"{where}: the dump {path} is empty", hint="did the dump program run?")
    return path, size

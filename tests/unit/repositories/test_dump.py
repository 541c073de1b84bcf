"""Which file of a snapshot is the dump."""

from typing import Any

import pytest
from stream_fakes import SNAPSHOT

from provisioner import errors
from provisioner.repositories.dump import find_dump


async def found(*files: tuple[str, int], file: str | None = None) -> tuple[str, int]:
    class Repository:
        async def nodes(self, _snapshot: str, path: str) -> list[dict[str, Any]]:
            assert path == (file or "/")
            folder = {"type": "dir", "path": "/backup"}
            return [folder, *({"type": "file", "path": p, "size": size} for p, size in files)]

    repository: Any = Repository()
    return await find_dump(repository, SNAPSHOT, file, "restore db")


async def test_the_only_file_is_the_dump() -> None:
    assert await found(("/backup/shop.sql", 7)) == ("/backup/shop.sql", 7)


async def test_of_several_one_has_to_be_named() -> None:
    both = (("/a.sql", 7), ("/b.sql", 8))
    with pytest.raises(errors.ConfigurationError, match=r"holds 2 files: /a\.sql, /b\.sql"):
        await found(*both)
    assert await found(*both, file="/b.sql") == ("/b.sql", 8)


async def test_a_file_that_is_not_there_may_be_either_ones_fault() -> None:
    with pytest.raises(errors.UnclearError, match=r"holds no file /c\.sql"):
        await found(("/a.sql", 7), file="/c.sql")


@pytest.mark.parametrize("files", [(), (("/a.sql", 0),)])
async def test_an_empty_dump_is_a_bad_backup(files: tuple[tuple[str, int], ...]) -> None:
    with pytest.raises(errors.BackupError):
        await found(*files)

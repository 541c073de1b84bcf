"""What is recorded of a restore, whichever way its data gets in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from provisioner.models.session import RestoreRecord
from provisioner.models.words import PhaseState


@contextmanager
def recorded(
    record: RestoreRecord, tell: Callable[[RestoreRecord], None]
) -> Iterator[Callable[..., None]]:
    """Tell of a restore that runs, and of one that fails.

    The block calls what it gets when all came back, with the record's fields that say so.
    """

    def done(**came_back: Any) -> None:
        tell(record.model_copy(update={"state": PhaseState.DONE, **came_back}))

    tell(record)
    try:
        yield done
    except BaseException as error:
        tell(record.model_copy(update={"state": PhaseState.FAILED, "message": str(error)}))
        raise

"""Tasks that are always awaited or cancelled, and whose errors come out plain."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")
U = TypeVar("U")


async def uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end even when cancelled meanwhile; the cancellation is raised afterwards.

    Also when the work fails: whoever stopped it must not be forgotten for that. The work's error is
    the cancellation's cause then.
    """
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
        except Exception:
            break
    if cancelled is not None:
        raise cancelled from (None if task.cancelled() else task.exception())
    return task.result()


async def all_or_first_error(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run side by side; the first error cancels the others and is raised, not a group of them.

    Not asyncio.gather: it leaves the others running, and a program that is being started while the
    loop closes holds it up for ever. Not asyncio.TaskGroup: on Python 3.11 a failing one leaves the
    caller counted as cancelled, and whether somebody cancelled a session could no longer be told.
    """
    tasks = [asyncio.create_task(work) for work in works]
    if not tasks:
        return []
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        # Whoever cancels again meanwhile must not leave one of them behind.
        await uninterrupted(_settled(tasks))
    return [task.result() for task in tasks]


async def both(first: Coroutine[Any, Any, T], second: Coroutine[Any, Any, U]) -> tuple[T, U]:
    """``all_or_first_error`` for two that give different things."""
    works: list[Coroutine[Any, Any, Any]] = [first, second]
    one, other = await all_or_first_error(works)
    return one, other


async def _settled(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


async def result_of(task: "asyncio.Task[T]") -> T:
    """The result of a task that others wait for too: who stops waiting does not stop it."""
    return await asyncio.shield(task)


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run ``work`` while the block runs; its error ends the block and is raised, plain."""
    body, task, failed = asyncio.current_task(), asyncio.create_task(work), asyncio.Event()
    assert body is not None  # a coroutine always runs in a task  # noqa: S101
    cancelled_before = body.cancelling()

    def end_body(ended: "asyncio.Task[None]") -> None:
        if not ended.cancelled() and ended.exception():
            failed.set()
            body.cancel()

    task.add_done_callback(end_body)
    try:
        yield
    except asyncio.CancelledError:
        # Somebody else's cancellation, at the same moment, is not ours to swallow.
        if failed.is_set() and body.uncancel() == cancelled_before:
            raise _error_of(task) from None
        raise
    finally:
        task.remove_done_callback(end_body)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _error_of(task: "asyncio.Task[None]") -> BaseException:
    error = task.exception()
    assert error is not None  # it failed  # noqa: S101
    return error


def innermost(error: BaseException) -> BaseException:
    """The first error of a group, and of the groups in it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error

"""Tasks are awaited or cancelled, and their errors come out plain."""

import asyncio
import sys
from pathlib import Path

import pytest

from provisioner import process
from provisioner.deadline import Deadline
from provisioner.errors import BackupError, DeadlineExceededError
from provisioner.tasks import all_or_first_error, beside, both, result_of, uninterrupted


async def fail(error: Exception) -> None:
    raise error


async def test_uninterrupted_work_ends_before_the_cancellation_goes_on() -> None:
    done, go_on = [], asyncio.Event()

    async def work() -> None:
        await go_on.wait()
        done.append("cleaned up")

    task = asyncio.create_task(uninterrupted(work()))
    for _ in range(3):
        await asyncio.sleep(0)
        task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == ["cleaned up"]


async def test_uninterrupted_work_may_fail() -> None:
    with pytest.raises(BackupError):
        await uninterrupted(fail(BackupError("bad")))


async def test_uninterrupted_work_that_fails_keeps_the_cancellation() -> None:
    go_on = asyncio.Event()

    async def work() -> None:
        await go_on.wait()
        raise BackupError("bad")

    task = asyncio.create_task(uninterrupted(work()))
    await asyncio.sleep(0)
    task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert isinstance(caught.value.__cause__, BackupError)


async def test_uninterrupted_work_that_ends_as_cancelled_itself() -> None:
    task = asyncio.create_task(uninterrupted(fail(asyncio.CancelledError())))  # type: ignore[arg-type]
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_first_error_cancels_the_others_and_comes_out_plain() -> None:
    cancelled = asyncio.Event()

    async def other() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(BackupError, match="bad"):
        await both(other(), fail(BackupError("bad")))
    assert cancelled.is_set()


async def test_both_give_back_what_they_found() -> None:
    async def find(what: str) -> str:
        return what

    assert await both(find("this"), find("that")) == ("this", "that")


async def test_others_are_awaited_even_when_cancelled_twice() -> None:
    go_on, ended = asyncio.Event(), asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await go_on.wait()
            ended.set()

    task = asyncio.create_task(all_or_first_error([stubborn()]))
    for _ in range(4):
        await asyncio.sleep(0)
        task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_who_stops_waiting_for_a_result_does_not_stop_the_work() -> None:
    go_on = asyncio.Event()
    work = asyncio.create_task(go_on.wait())
    waiter = asyncio.create_task(result_of(work))
    await asyncio.sleep(0)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    go_on.set()
    assert await work is True


async def test_results_come_in_the_order_of_the_works() -> None:
    async def after(turns: int) -> int:
        for _ in range(turns):
            await asyncio.sleep(0)
        return turns

    assert await all_or_first_error(after(turns) for turns in (3, 1, 2)) == [3, 1, 2]
    assert await all_or_first_error(after(turns) for turns in ()) == []


async def test_an_error_leaves_nobody_counted_as_cancelled() -> None:
    task = asyncio.current_task()
    assert task is not None
    with pytest.raises(BackupError):
        await all_or_first_error([fail(BackupError("bad"))])
    assert task.cancelling() == 0
    with pytest.raises(BackupError):
        async with beside(fail(BackupError("beside"))):
            await asyncio.Event().wait()
    assert task.cancelling() == 0


async def test_cancellation_at_the_moment_of_an_error_is_not_lost() -> None:
    async def session() -> None:
        async with beside(fail(BackupError("beside"))):
            await asyncio.Event().wait()

    task = asyncio.create_task(session())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises((asyncio.CancelledError, BackupError)):
        await task
    assert task.cancelled() or task.cancelling()


async def test_work_beside_a_block_ends_the_block_with_its_error() -> None:
    with pytest.raises(BackupError, match="beside"):
        async with beside(fail(BackupError("beside"))):
            await asyncio.Event().wait()


async def test_work_beside_a_block_ends_with_it() -> None:
    ended = asyncio.Event()

    async def watch() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with beside(watch()):
        await asyncio.sleep(0)
    assert ended.is_set()


async def test_error_of_a_block_is_not_hidden_by_what_runs_beside_it() -> None:
    with pytest.raises(BackupError, match="inside"):
        async with beside(asyncio.Event().wait()):  # type: ignore[arg-type]
            raise BackupError("inside")


async def test_deadline_names_what_it_cut_off() -> None:
    with pytest.raises(DeadlineExceededError, match="the restore did not end within 0 s"):
        async with Deadline.after(0).enforce("the restore"):
            await asyncio.Event().wait()


async def test_timeout_of_somebody_else_is_not_ours() -> None:
    with pytest.raises(TimeoutError):
        async with Deadline.after(60).enforce("the restore"):
            raise TimeoutError


def test_the_sooner_deadline_wins() -> None:
    hour, minute = Deadline.after(3600), Deadline.after(60)
    assert hour.sooner(60).at == pytest.approx(minute.at, abs=1)
    assert minute.sooner(3600) is minute


async def test_program_and_its_children_end_with_the_caller(tmp_path: Path) -> None:
    told = tmp_path / "child"
    script = f"sleep 600 & echo $! > {told}.part; mv {told}.part {told}; wait"
    task = asyncio.create_task(process.run(["sh", "-c", script]))
    while not told.exists():  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    while runs(int(told.read_text())):  # noqa: ASYNC110 - the time limit of tests fails it
        await asyncio.sleep(0)


async def test_program_ends_with_a_caller_that_is_killed(tmp_path: Path) -> None:
    told = tmp_path / "child"
    script = f"echo $$ > {told}.part; mv {told}.part {told}; exec sleep 600"
    code = (
        f"import asyncio; from provisioner import process; asyncio.run(process.run({argv(script)}))"
    )
    caller = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    while not told.exists():  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0)
    caller.kill()
    await caller.wait()
    while runs(int(told.read_text())):  # noqa: ASYNC110 - the time limit of tests fails it
        await asyncio.sleep(0)


def argv(script: str) -> list[str]:
    return ["sh", "-c", script]


async def test_program_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        await process.run(["no-such-program"])
    with pytest.raises(FileNotFoundError):
        await process.run(["sh"], env={"PATH": "/nowhere"})


def runs(pid: int) -> bool:
    """Whether a process runs; one that ended and waits for its parent does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


async def test_program_that_ends_by_itself() -> None:
    code = "import sys; print(sys.stdin.read()); sys.exit(3)"
    ended = await process.run([sys.executable, "-c", code], stdin=b"hello")
    assert (ended.exit_code, ended.stdout, ended.stderr) == (3, b"hello\n", b"")


async def test_a_program_that_takes_too_long_is_ended_and_what_it_said_is_kept() -> None:
    with pytest.raises(process.OverdueError) as caught:
        await process.run(["sh", "-c", "echo why >&2; exec sleep 600"], seconds=0.3)
    assert caught.value.stderr == b"why\n"

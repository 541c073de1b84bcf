"""One check of a set, and how what its script printed is judged."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from provisioner.checks.answer import Answer, one_line
from provisioner.checks.expect import UNKNOWN
from provisioner.checks.expect import judge as measure
from provisioner.checks.speech import LACKING
from provisioner.checks.standard.engine import Engine, text_of
from provisioner.checks.standard.shrinkage import shrunk
from provisioner.checks.yardstick import Former, Yardstick
from provisioner.cluster.exec import CUT_MARK, Executed
from provisioner.errors import CheckRefusedError, CheckUnableError
from provisioner.models.expect import Expect, format_percent

WHICH = "standard: {set: ..., database: NAME} says which database is meant"

SHOWN = 5
"""Faults that are told; the first says most, and the log of the engine has all of them."""


@dataclass(frozen=True)
class Part:
    """One check of a set. ``covers`` is what a pass of it says, in words.

    ``reads_data``: a pass can only come from data, and not from an engine that was set up anew.
    """

    title: str
    covers: str
    ask: Callable[[Engine], Awaitable[Sequence["Finding"]]]
    reads_data: bool = False
    counts: float | None = None
    """Of a part that counts: which share of its number may be gone since it was last passed."""
    each: float | None = None
    """Of what its number is made of: the same of each."""


@dataclass(frozen=True)
class Finding:
    """One thing that was seen: a fault of the data, or what there is instead."""

    text: str
    bad: bool = False
    count: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    """What the count is made of, e.g. rows by table."""
    doubt: str = ""
    """Why it passes only beside the count of a session that passed."""


Errors = Callable[[Executed, str], list[Finding]]
"""What a client's errors say: faults, or an exception."""


def judge(
    part: Part,
    findings: Sequence[Finding],
    expect: Expect | None = None,
    yardstick: Yardstick = UNKNOWN,
    each: float | None = None,
) -> Answer:
    """Any fault fails; then the number of a part that counts is measured.

    ``each`` is which share may be gone of each thing that the number is made of.

    Raises:
        CheckUnableError: nothing was found, neither good nor bad.
        CheckRefusedError: there is a doubt, and no session that passed to compare with.
    """
    if not findings:
        raise CheckUnableError("it said nothing, neither good nor bad")
    faults = [one.text for one in findings if one.bad]
    if faults:
        return _failed(part, faults)
    saw = one_line("; ".join(one.text for one in findings))
    counting = next((one for one in findings if one.count is not None), None)
    if expect is None or counting is None:
        return Answer(True, part.covers, saw)
    if counting.doubt and yardstick.former is None:
        raise CheckRefusedError(f"{counting.doubt}; {saw}", hint=WHICH)
    measured = measure(expect, str(counting.count), yardstick)
    expected = f"{part.covers}: {measured.expected}"
    answer = replace(measured, expected=expected, saw=saw, counts=counting.counts)
    return answer if each is None else _of_each(answer, yardstick.former, each)


def _of_each(answer: Answer, former: Former | None, most: float) -> Answer:
    """The same, failed where one of the things that were counted lost too much."""
    expected = f"{answer.expected}, and {format_percent(most)} of each"
    lost = list(shrunk(answer.counts, former.counts, most)) if former else []
    if former is None or not lost:
        return replace(answer, expected=expected)
    told = [f"{name}: {left}, not {then}" for name, then, left in lost]
    message = f"less than in session {former.session}: {listed(told)}"
    faults = message if answer.passed else f"{answer.message}; {message}"
    return replace(answer, passed=False, expected=expected, message=faults)


def listed(texts: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = f"; and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return "; ".join(texts[:SHOWN]) + more


def _failed(part: Part, faults: Sequence[str]) -> Answer:
    more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    message = "" if len(faults) == 1 else "\n".join(map(one_line, faults[:SHOWN]))
    return Answer(False, part.covers, one_line(faults[0]) + more, message)


def rows(output: str) -> list[list[str]]:
    """Lines of fields between tabs.

    Raises:
        CheckUnableError: there were so many that the first are lost.
    """
    if output.startswith(CUT_MARK):
        raise CheckUnableError("the answer is too long: its beginning is lost")
    return [line.split("\t") for line in output.splitlines() if line.strip()]


def told(output: Sequence[Sequence[str]], kinds: str) -> list[Finding]:
    """Rows of ``bad``, ``note`` and ``sound`` as findings; of the sound ones only how many."""
    sound = sum(row[0] == "sound" for row in output)
    found = [Finding("\t".join(row[1:]), row[0] == "bad") for row in output if row[0] != "sound"]
    return [*([Finding(f"{sound} {kinds} sound")] if sound else []), *found]


def marked(lines: Sequence[str], marks: re.Pattern[str]) -> list[Finding]:
    """The lines of a log that tell of damage, and each once.

    Raises:
        CheckUnableError: the server lacked something, which is no damage.
    """
    return blamed([*dict.fromkeys(line.strip() for line in lines if marks.search(line))])


def blamed(faults: Sequence[str], excuse: re.Pattern[str] = LACKING) -> list[Finding]:
    """The faults that are the data's.

    Raises:
        CheckUnableError: others are to blame for all that there are.
    """
    found = [Finding(one, bad=True) for one in faults if not excuse.search(one)]
    if faults and not found:
        raise CheckUnableError(f"not covered: {one_line(faults[0])}")
    return found


def scripted(
    title: str,
    covers: str,
    main: str,
    judged: Callable[[Executed], list[Finding]],
    statements: str = "",
    *,
    reads_data: bool = False,
    counts: float | None = None,
    each: float | None = None,
) -> Part:
    """A part that is one script, and perhaps the statements that it puts."""

    async def ask(engine: Engine) -> list[Finding]:
        arguments = [text_of(statements)] if statements else []
        return judged(await engine.run(main, *arguments))

    return Part(title, covers, ask, reads_data, counts, each)


def log_part(marks: re.Pattern[str], files: str, errors: Errors) -> Part:
    """What the server itself says of damage: while it started, recovered, or answered.

    ``files`` is a script that prints what the server logs into a file, since it started.
    """

    async def ask(engine: Engine) -> list[Finding]:
        count, found = await engine.log(marks)
        if found:
            return marked(found, marks)
        done = await engine.run(files)
        return judge_log(count, done, errors(done, "its log"), marks)

    return Part("the log tells of no damage", "no line of the server's log does", ask)


def judge_log(
    count: int, done: Executed, faults: Sequence[Finding], marks: re.Pattern[str]
) -> list[Finding]:
    """The rest of a log of which ``count`` lines were seen: notes, and the lines of a file.

    Raises:
        CheckUnableError: not one line was seen.
    """
    lines = done.stdout.splitlines()
    notes = [Finding(line.partition("\t")[2]) for line in lines if line.startswith("note\t")]
    count += len(lines) - len(notes)
    if bad := [*faults, *marked(lines, marks)]:
        return bad
    if not count:
        raise CheckUnableError(
            "not covered: the container's log is empty, and the server names no file of its own"
        )
    return [Finding(f"{count} lines of log without such a word"), *notes]

"""What the restore's pod says of what really lies on the volume, once restic has ended.

Every entry is counted; of more than a few thousand only a sample is named. Both stay small, however
many files there are, and nothing but ``find``, ``stat`` and ``awk`` is needed.
"""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.repositories.tally import (
    FILE,
    FOLDER,
    GRAM,
    MOST,
    OTHER,
    PRIME,
    SHIFT,
    STIR,
    SYMLINK,
    TAIL,
    Amount,
    Entry,
    Look,
    Sample,
    Tally,
    is_odd,
)

WALKED = "walked"
"""The type of the messages, beside restic's own."""

_KINDS = {0x8000: FILE, 0x4000: FOLDER, 0xA000: SYMLINK}
"""The file's type in ``st_mode``, see inode(7)."""

_BATCH = 20
"""Entries of one message: a line is whole, and short enough for any log."""

# A name may hold a line's end: only what begins with the mark is an entry, and a name that goes on
# in another line is odd, see ``tally``. Each line waits for the next to tell that.
_AWK = """\
BEGIN {
  for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i
  below = PRIME; kept = 0; held = ""
}
$1 != mark { odd = 1; next }
{ settle(); held = $0; odd = 0 }
END {
  settle()
  for (look in entries) say("l " look " " entries[look] " " sprintf("%.0f", bytes[look]))
  for (line in lots) if (lots[line] < below) say("e " line)
  flush()
  printf "{\\"message_type\\":\\"%s\\",\\"below\\":%d}\\n", type, below
}
function settle(  part, path, look, drawn) {
  if (held == "") return
  split(held, part, " ")
  look = part[2] " " part[4] " " part[5]
  entries[look]++
  # Only a file has a size: 0x8000 to 0x8fff.
  if (part[2] ~ /^8...$/) bytes[look] += part[3]; else part[3] = 0
  path = substr(held, index(held, " ./") + 3)
  if ((drawn = lot(path)) >= below || odd || is_odd(path)) return
  lots[look " " part[3] " " path] = drawn
  kept++
  while (kept > most) thin()
}
function is_odd(path) {
  return path ~ /[\\001-\\037\\177]/ || index(path, "\\302\\205") ||
    index(path, "\\342\\200\\250") || index(path, "\\342\\200\\251")
}
function thin(  line) {
  below = int(below / 2); kept = 0
  for (line in lots) if (lots[line] < below) kept++; else delete lots[line]
}
function lot(path,  at, end, drawn) {
  end = length(path); at = end > TAIL ? end - TAIL + 1 : 1; drawn = seed
  for (; at <= end; at += GRAM) drawn = (drawn * SHIFT + number(substr(path, at, GRAM))) % PRIME
  return drawn * STIR % PRIME * STIR % PRIME
}
function number(text,  i, value) {
  if (text in known) return known[text]
  value = 0
  for (i = 1; i <= length(text); i++) value = value * 256 + code[substr(text, i, 1)]
  return known[text] = value
}
function say(text) {
  batch = batch (batch == "" ? "" : ",") "\\"" quoted(text) "\\""
  if (++said % BATCH == 0) flush()
}
function quoted(text,  i, char, out) {
  if (text !~ /["\\\\]/) return text
  for (i = 1; i <= length(text); i++) {
    char = substr(text, i, 1)
    out = out (char == "\\"" || char == "\\\\" ? "\\\\" : "") char
  }
  return out
}
function flush() {
  if (batch != "") printf "{\\"message_type\\":\\"%s\\",\\"lines\\":[%s]}\\n", type, batch
  batch = ""
}
"""


@dataclass(frozen=True)
class Scope:
    """Which part of a tree is compared. Paths are relative to it.

    ``without`` are folders that others fill, ``only_made`` those that lead there: whoever came
    first has made them.
    """

    without: Sequence[str] = ()
    only_made: Sequence[str] = ()

    def holds(self, path: str) -> bool:
        """Whether an entry counts."""
        inside = any(path == one or path.startswith(f"{one}/") for one in self.without)
        return not inside and path not in self.only_made


@dataclass(frozen=True)
class Walk:
    """What is looked at, and what names are drawn with."""

    scope: Scope = Scope()
    seed: int = 0


def script(folder: str, walk: Walk) -> str:
    """Shell that prints the messages; what goes wrong makes them incomplete, and that is seen."""
    scope, seed = walk.scope, walk.seed
    numbers = {
        "PRIME": PRIME, "SHIFT": SHIFT, "STIR": STIR, "TAIL": TAIL, "GRAM": GRAM, "BATCH": _BATCH,
        "most": MOST, "seed": seed, "type": WALKED, "mark": _mark(seed),
    }  # fmt: skip
    given = " ".join(f"-v {name}={value}" for name, value in numbers.items())
    stat = f"stat -c '{_mark(seed)} %f %s %u %g %n'"
    return (
        f"(cd {shlex.quote(folder)} && find . {_tests(scope)}-exec {stat} {{}} +)"
        f" | LC_ALL=C awk {given} {shlex.quote(_AWK)}\n"
    )


def emptying(folder: str, scope: Scope) -> str:
    """Shell that removes all that lies there and is in scope; it fails when something stays."""
    return f"(cd {shlex.quote(folder)} && find . {_tests(scope)}-prune -exec rm -rf {{}} +)"


def _tests(scope: Scope) -> str:
    """What ``find`` looks at: everything in scope, but for the folder itself."""
    tests = "".join(f"-path {_literal(one)} -prune -o " for one in scope.without)
    return tests + "".join(f"! -path {_literal(one)} " for one in ("", *scope.only_made))


def _mark(seed: int) -> str:
    """What no name can be made to begin a line with, as nobody knows it before."""
    return f"{seed:x}"


def _literal(path: str) -> str:
    """A path as ``find -path`` wants it: its patterns' characters mean themselves."""
    escaped = "".join(f"\\{char}" if char in "\\*?[" else char for char in path)
    return shlex.quote(f"./{escaped}" if path else ".")


def tally_of(messages: Iterable[Mapping[str, Any]], seed: int) -> Tally | None:
    """What the pod counted; None when it did not come to its end."""
    tally, below = Tally(Sample(seed)), None
    for message in messages:
        below = message.get("below", below)
        for line in message.get("lines", ()):
            _take(tally, line)
    if below is None:
        return None
    tally.sample.below = below
    return tally


def _take(tally: Tally, line: str) -> None:
    kind, raw, uid, gid, rest = line.split(" ", 4)
    look = _look(int(raw, 16), int(uid), int(gid))
    first, _, last = rest.partition(" ")
    if kind == "l":
        tally.add_looks(look, Amount(int(first), int(last)))
    elif not is_odd(last):
        tally.sample.drawn[last] = Entry(last, look, int(first))


def _look(mode: int, uid: int, gid: int) -> Look:
    kind = _KINDS.get(mode & 0xF000, OTHER)
    return Look(kind, uid, gid, 0 if kind == SYMLINK else mode & 0o7777)

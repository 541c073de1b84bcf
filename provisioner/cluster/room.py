"""Whether a refusal is a matter of room: that must never read as a bad chart or a bad backup."""

import re

from provisioner.errors import CapacityError, ClusterError

_NO_ROOM = re.compile(r"exceeded quota|(?:maximum|minimum) \S+ usage per|must be less than or eq")

HINT = "sandbox.quota and sandbox.limits set the room"


def is_no_room(text: str) -> bool:
    """Whether a quota or a limit range refuses."""
    return bool(_NO_ROOM.search(text))


def as_no_room(error: ClusterError) -> CapacityError | ClusterError:
    """The refusal as a matter of room when it is one, else itself."""
    return CapacityError(error.message, hint=HINT) if is_no_room(error.message) else error

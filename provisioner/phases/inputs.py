"""What a session works with that neither the document nor a snapshot holds, as one digest."""

import asyncio
import hashlib
import json

from provisioner.phases.context import Context
from provisioner.phases.outline import Outline

_COST = {"n": 2**14, "r": 8, "p": 1, "dklen": 16}
"""16 MiB and some 50 ms a guess: the digest is in a record, and passwords are in what it is of."""

_SANDBOX = "the sandbox"


async def note_inputs(context: Context, outline: Outline) -> None:
    """Record the digest: of the release as it is rendered, and of the Secrets that are copied.

    The sandbox's name is another one each time. So is what a chart draws by lot as it renders: its
    sessions are all unlike, and none is skipped.
    """
    session = context.recorder.session
    objects = [
        json.dumps(one, sort_keys=True, default=str).replace(context.sandbox, _SANDBOX)
        for one in (*outline.claims.objects, *outline.secrets)
    ]
    salt = f"{session.source_namespace}/{session.verifier}".encode()
    text = "\n".join(sorted(objects)).encode()
    digest = await asyncio.to_thread(hashlib.scrypt, text, salt=salt, **_COST)
    context.recorder.update(inputs=digest.hex())

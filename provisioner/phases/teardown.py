"""Phase 8: every object goes, or the report names what stayed and how to remove it."""

from provisioner.models.session import Leftover
from provisioner.models.words import Cleanup
from provisioner.phases.context import Context
from provisioner.phases.leftovers import namespace_leftover
from provisioner.phases.removal import Removal, remove


async def teardown(context: Context) -> None:
    """Remove the sandbox and record what stayed."""
    session, note = context.recorder.session.id, context.recorder.observer.note
    leftovers = await remove(Removal(context.cluster, context.helm, context.sandbox, session, note))
    cleanup = Cleanup.LEAKED if leftovers else Cleanup.CLEAN
    context.recorder.update(cleanup=cleanup, leftovers=leftovers)


def unknown(context: Context, error: Exception) -> list[Leftover]:
    """What may have stayed when the cluster did not even let itself be asked."""
    return [namespace_leftover(context.sandbox, str(error))]

"""``tcp``: whether a port takes connections. Reads no data, so it proves nothing alone."""

import asyncio

from provisioner.checks.answer import Answer
from provisioner.checks.patience import SPAN, NotYetError, patiently
from provisioner.checks.target import Sandbox
from provisioner.checks.yardstick import Yardstick
from provisioner.cluster.forward import Forwarding, forward
from provisioner.errors import CheckUnableError
from provisioner.models.checks import TcpCheck

LISTEN_SECONDS = 1.0
"""A connection that nobody takes is reset at once; one that stays silent this long is taken."""


async def ask(question: TcpCheck, app: Sandbox, _yardstick: Yardstick) -> Answer:
    """Connect, and see that the connection stays."""
    async with forward(app.cluster, app.namespace, question.service, question.port) as way:

        async def once(last: bool) -> Answer:
            answer = await _connect(way)
            if not answer.passed and not last:
                raise NotYetError(CheckUnableError(answer.saw))
            return answer

        return await patiently(once, SPAN)


async def _connect(way: Forwarding) -> Answer:
    way.begin()
    expected = f"port {way.target.port} of pod {way.target.pod} takes connections"
    reader, writer = await asyncio.open_connection("127.0.0.1", way.port)
    try:
        greeting = await _listen(reader, way)
    except TimeoutError:
        way.raise_if_away()
        return Answer(not way.trouble, expected, way.trouble or "connected")
    except ConnectionError as error:
        way.raise_if_away()
        return Answer(False, expected, way.trouble or f"connection reset: {error}")
    finally:
        writer.close()
    if greeting:
        return Answer(True, expected, f"connected, {len(greeting)} bytes of greeting")
    way.raise_if_away()
    return Answer(False, expected, way.trouble or "connected, and closed at once")


async def _listen(reader: asyncio.StreamReader, way: Forwarding) -> bytes:
    """What comes first. Silence counts from when the way is open: until then nobody was asked.

    Raises:
        TimeoutError: nothing came.
    """
    reading = asyncio.create_task(reader.read(1024))
    opening = asyncio.create_task(way.opened.wait())
    try:
        await asyncio.wait({reading, opening}, return_when=asyncio.FIRST_COMPLETED)
        async with asyncio.timeout(LISTEN_SECONDS):
            return await reading
    finally:
        reading.cancel()
        opening.cancel()
        await asyncio.gather(reading, opening, return_exceptions=True)

"""``http``: a request to a Service of the sandbox. Redirects are never followed."""

import re
from dataclasses import dataclass

import httpx

from provisioner.checks.answer import Answer, one_line
from provisioner.checks.expect import finds
from provisioner.checks.patience import SPAN, NotYetError, patiently
from provisioner.checks.target import Sandbox
from provisioner.checks.yardstick import Yardstick
from provisioner.cluster.forward import Forwarding, forward
from provisioner.errors import CheckUnableError
from provisioner.models.checks import HttpCheck
from provisioner.models.expect import HttpExpect

BODY_LIMIT = 5 * 1024 * 1024
"""Bytes of a body that are read; a page worth looking at is smaller."""

_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Page:
    """What a server sent."""

    status: int
    body: str
    size: int
    content_type: str = ""
    location: str = ""


async def ask(question: HttpCheck, app: Sandbox, _yardstick: Yardstick) -> Answer:
    """Send the request and judge status and body."""
    async with (
        forward(app.cluster, app.namespace, question.service, question.port) as way,
        _client(question, way.port) as client,
    ):

        async def once(last: bool) -> Answer:
            page = await _fetch(question, client, way)
            # An application that waits for its database says so with a 5xx.
            if page.status >= 500 and page.status != question.expect.status and not last:  # noqa: PLR2004
                raise NotYetError(CheckUnableError(describe_page(page)))
            return judge_page(question.expect, page)

        return await patiently(once, SPAN)


def _client(question: HttpCheck, port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"{question.scheme}://127.0.0.1:{port}",
        headers={"Host": _host(question), "Connection": "close", **question.headers},
        # The certificate is made out for production's name, and the way there is the API
        # server's own: there is nobody in between to be found out.
        verify=False,  # noqa: S501
        trust_env=False,
        follow_redirects=False,
        timeout=None,  # noqa: S113 - the check's deadline ends it
    )


def _host(question: HttpCheck) -> str:
    return question.host or question.service


async def _fetch(question: HttpCheck, client: httpx.AsyncClient, way: Forwarding) -> Page:
    way.begin()
    extensions = {"sni_hostname": _host(question).partition(":")[0]}
    try:
        async with client.stream("GET", question.path, extensions=extensions) as response:
            return await _read(response)
    except (httpx.TransportError, httpx.DecodingError) as error:
        way.raise_if_away()
        said = way.trouble or str(error) or type(error).__name__
        where = f"Service {question.service} (pod {way.target.pod}, port {way.target.port})"
        raise NotYetError(CheckUnableError(f"{where} does not answer: {said}")) from error


async def _read(response: httpx.Response) -> Page:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > BODY_LIMIT:
            break
    return Page(
        status=response.status_code,
        body=bytes(body[:BODY_LIMIT]).decode(response.encoding or "utf-8", errors="replace"),
        size=len(body),
        content_type=response.headers.get("content-type", "").partition(";")[0],
        location=response.headers.get("location", ""),
    )


def judge_page(expect: HttpExpect, page: Page) -> Answer:
    """Whether status and body are what was expected.

    Raises:
        CheckUnableError: ``matches`` is no regular expression.
    """
    faults = []
    if page.status != expect.status:
        faults.append("it is another status")
    if expect.contains is not None and expect.contains not in page.body:
        faults.append("the text is not in the body")
    if expect.matches is not None and not finds(expect.matches, page.body):
        faults.append("the pattern is not found in the body")
    return Answer(not faults, describe_expect(expect), describe_page(page), "; ".join(faults))


def describe_expect(expect: HttpExpect) -> str:
    """What is expected, in words."""
    parts = [f"status {expect.status}"]
    if expect.contains is not None:
        parts.append(f'a body with "{one_line(expect.contains, 80)}"')
    if expect.matches is not None:
        parts.append(f"a body that matches /{expect.matches}/")
    return " and ".join(parts)


def describe_page(page: Page) -> str:
    """What came, in one line: enough to tell an installer from a front page."""
    parts = [f"status {page.status}"]
    if page.location:
        parts.append(f"redirect to {page.location}")
    parts += [page.content_type or "no content type", f"{page.size} bytes"]
    if title := _TITLE.search(page.body):
        parts.append(f'title "{one_line(title[1], 60)}"')
    return one_line(", ".join(parts))

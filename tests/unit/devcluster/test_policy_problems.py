"""What is not understood is told, and allows nothing."""

import json
from pathlib import Path

import httpx
import pytest

from devcluster.netpol import problems
from devcluster.netpol.selectors import parse_selector

DB = "10.244.0.11"


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"ports": [{"protocol": "SCTP", "port": 5}]}, "protocol SCTP"),
        ({"from": [{"ipBlock": {"cidr": "fd00::/8"}}]}, "ipBlock fd00::/8"),
        ({"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "via": 1}}]}, "ipBlock field via"),
        ({"from": [{"nodeSelector": {}}]}, "peer field nodeSelector"),
        ({"from": [{"podSelector": {"matchFields": {}}}]}, "selector field matchFields"),
        ({"ports": [{"port": 1, "icmp": 8}]}, "port field icmp"),
        ({"when": "never"}, "rule field when"),
    ],
)
def test_a_rule_not_understood_is_told_and_allows_nothing(chain, policy, rule, told):
    made = policy({"podSelector": {}, "ingress": [rule]})
    assert [told in problem for problem in made.problems] == [True]
    assert chain(DB, "ingress", made) == ["drop"]


def test_what_is_understood_beside_it_still_holds(chain, policy):
    ports = [{"protocol": "SCTP", "port": 5}, {"port": 80}]
    made = policy({"podSelector": {}, "ingress": [{"ports": ports}]})
    assert chain(DB, "ingress", made) == ["tcp dport 80 return", "drop"]


def test_a_pod_selector_not_understood_closes_the_namespace(chain, policy):
    operator = {"key": "app", "operator": "Like", "values": ["x"]}
    made = policy({"podSelector": {"matchExpressions": [operator]}})
    assert "selector operator Like" in made.problems[0]
    assert chain(DB, "ingress", made) == ["drop"]


def test_an_unknown_field_of_the_policy_is_told(policy):
    assert policy({"podSelector": {}, "order": 5}).problems == ("spec field order",)


@pytest.mark.parametrize(
    ("expression", "labels", "matches"),
    [
        ({"operator": "In", "values": ["a", "b"]}, {"app": "a"}, True),
        ({"operator": "In", "values": ["a"]}, {}, False),
        ({"operator": "NotIn", "values": ["a"]}, {"app": "a"}, False),
        ({"operator": "NotIn", "values": ["a"]}, {}, True),
        ({"operator": "Exists"}, {"app": ""}, True),
        ({"operator": "Exists"}, {}, False),
        ({"operator": "DoesNotExist"}, {}, True),
        ({"operator": "DoesNotExist"}, {"app": "a"}, False),
    ],
)
def test_selector_expressions(expression, labels, matches):
    selector = parse_selector({"matchExpressions": [{"key": "app", **expression}]})
    assert selector.matches(labels) is matches


async def test_each_problem_is_told_once_by_event_and_file(tmp_path: Path):
    sent: list[dict[str, object]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(201, json={})

    policies = {"shop/x": {"metadata": {"namespace": "shop", "name": "x", "uid": "u"}}}
    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        teller = problems.Problems(tmp_path / "problems.json", http)
        for _ in range(3):
            await teller.tell({"shop/x": ["protocol SCTP"]}, policies)
    assert [event["reason"] for event in sent] == ["NotUnderstood"]
    assert problems.read(tmp_path / "problems.json") == {"shop/x": ["protocol SCTP"]}

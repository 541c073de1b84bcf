"""Label selectors, as Kubernetes defines them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Requirement:
    """One `key operator values`."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def matches(self, labels: Labels) -> bool:
        """Whether labels meet it; a missing key meets NotIn, as in Kubernetes."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case _:
                return self.key not in labels


@dataclass(frozen=True)
class Selector:
    """All requirements together; none at all selects everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Labels) -> bool:
        """Whether labels meet every requirement."""
        return all(requirement.matches(labels) for requirement in self.requirements)


EVERYTHING = Selector()
_OPERATORS = {"In", "NotIn", "Exists", "DoesNotExist"}
_KEYS = {"matchLabels", "matchExpressions"}


def parse_selector(spec: Mapping[str, Any] | None) -> Selector:
    """Read a selector; ValueError names what is not understood."""
    spec = spec or {}
    if unknown := set(spec) - _KEYS:
        raise ValueError(f"selector field {', '.join(sorted(unknown))}")
    labels = (spec.get("matchLabels") or {}).items()
    exact = [Requirement(key, "In", frozenset([value])) for key, value in labels]
    return Selector((*exact, *(_expression(e) for e in spec.get("matchExpressions") or [])))


def _expression(spec: Mapping[str, Any]) -> Requirement:
    if spec["operator"] not in _OPERATORS:
        raise ValueError(f"selector operator {spec['operator']}")
    return Requirement(spec["key"], spec["operator"], frozenset(spec.get("values") or ()))

"""What keeps something from running, and how long that may last."""

from dataclasses import dataclass, field

from provisioner.errors import ProvisionerError


@dataclass(frozen=True)
class Trouble:
    """What keeps an application or a restore from running, and how long it may."""

    key: tuple[str, ...]
    error: ProvisionerError = field(compare=False)
    grace: float = 0.0


@dataclass
class Patience:
    """Since when each trouble has been there, by our own clock.

    The cluster's timestamps are not asked: its clock may be minutes off.
    """

    since: dict[tuple[str, ...], float] = field(default_factory=dict)

    def worn_out(self, troubles: list[Trouble], now: float) -> ProvisionerError | None:
        """The error of the first trouble that lasted longer than its grace."""
        self.since = {one.key: self.since.get(one.key, now) for one in troubles}
        for one in troubles:
            if now - self.since[one.key] >= one.grace:
                return one.error
        return None

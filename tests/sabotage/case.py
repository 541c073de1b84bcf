"""A case: one program that changes one thing in a good backup, and what has to be said of it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.sabotage.scene import Scene

Program = Callable[[Scene], None]

PASSED = "Passed"
BACKUP = "Failed/Backup"
APPLICATION = "Failed/Application"
CHECK = "Failed/Check"
LOGIN = "Inconclusive/Configuration"
NO_SET = "Inconclusive/Backup"
REPOSITORY = "Errored/Repository"
UNCLEAR = "Inconclusive/Repository"
SELECTOR = "Errored/Configuration"
OLDER_SERVER = "Errored/Configuration"


@dataclass(frozen=True)
class Case:
    """One case. ``expected`` are the verdicts that are right, as ``outcome/cause``.

    ``unseen`` says why no standard set can find it; it is empty where one should.
    """

    name: str
    app: str
    story: str
    program: Program
    expected: tuple[str, ...]
    unseen: str = ""
    without_cluster: bool = False

    @property
    def keeps_history(self) -> bool:
        """Whether its session is what baselines of the bad ones look back at."""
        return self.name == f"good-{self.app}"

    @property
    def good(self) -> bool:
        """Whether this backup brings the application back."""
        return self.expected == (PASSED,)


class Family:
    """The cases of one module, in their order."""

    def __init__(self) -> None:
        self.cases: list[Case] = []

    def bad(
        self, app: str, *expected: str, unseen: str = "", without_cluster: bool = False
    ) -> Callable[[Program], Program]:
        """Take a function for a case; its name is the case's, its docstring tells the story."""

        def take(program: Program) -> Program:
            name = program.__name__.replace("_", "-")
            story = " ".join((program.__doc__ or "").split())
            self.cases.append(Case(name, app, story, program, expected, unseen, without_cluster))
            return program

        return take

    def good(self, app: str, *, without_cluster: bool = False) -> Callable[[Program], Program]:
        """Take a function for a case that only looks unusual."""
        return self.bad(app, PASSED, without_cluster=without_cluster)

"""What watchers hear of a session, as its log: nothing that a Secret holds."""

from datetime import UTC, datetime

from provisioner.models.session import Session, Tools
from provisioner.phases.context import Recorder
from provisioner.progress import Nobody


class Ears(Nobody):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def note(self, text: str) -> None:
        self.heard.append(text)

    def record(self, session: Session) -> None:
        self.heard.append(session.message)


class NoStore:
    def save(self, session: Session) -> None: ...

    def load(self, session_id: str) -> Session:
        raise KeyError(session_id)

    def list(self) -> list[Session]:
        return []

    def remove(self, session_id: str) -> None: ...


def test_watchers_hear_no_secret_from_the_moment_it_is_known() -> None:
    begun = datetime(2026, 1, 2, tzinfo=UTC)
    tools = Tools(provisioner="0")
    found = Session(
        id="a", verifier="a", sandbox="a", started_at=begun, expires_at=begun, tools=tools
    )
    ears = Ears()
    recorder = Recorder(found, NoStore(), ears)
    recorder.hide({"RESTIC_PASSWORD": "s3cret-value", "user": "backup-user"})
    recorder.observer.note("s3cret-value is wrong for backup-user")
    recorder.update(message="no s3cret-value")
    assert ears.heard == ["*** is wrong for backup-user", "no ***"]

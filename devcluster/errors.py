"""What can go wrong, in words for the person at the terminal."""


class DevclusterError(Exception):
    """Any failure of the local cluster; its text is all that a user needs."""


class CommandError(DevclusterError):
    """A program that we ran failed."""

    def __init__(self, argv: list[str], code: int, output: str) -> None:
        self.argv, self.code, self.output = argv, code, output
        tail = "\n".join(output.strip().splitlines()[-15:])
        super().__init__(f"{argv[0]} ended with {code}: {' '.join(argv)}\n{tail}")

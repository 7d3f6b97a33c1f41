"""What keeps a measurement from meaning anything."""


class BenchError(Exception):
    """One clear sentence for the person at the terminal."""


class WrongAnswerError(BenchError):
    """A server answered, but not what it must."""

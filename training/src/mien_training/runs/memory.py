"""Telling an exhausted memory from other failures: every framework says it in its own way."""

# TensorFlow's and torch's own classes by name, so that neither has to be imported here.
_NAMES = {"ResourceExhaustedError", "OutOfMemoryError", "MemoryError"}
_PHRASES = ("out of memory", "can't allocate memory", "not enough memory")


def says_out_of_memory(exc: BaseException) -> bool:
    """Tell whether ``exc`` says that host or device memory did not suffice."""
    if any(kind.__name__ in _NAMES for kind in type(exc).__mro__):
        return True
    return isinstance(exc, RuntimeError) and any(phrase in str(exc) for phrase in _PHRASES)

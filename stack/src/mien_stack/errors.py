"""What can keep the system from running.

StackError                 one clear sentence for the person at the terminal
├── PreflightError         the machine is not ready; nothing was started
├── StoreError             the model store could not be built; nothing was started
├── PageError              the web page could not be built; the rest works without it
├── SupervisorError        the supervisor does not start or answer
│   └── SupervisorStalledError   there is one, but it does not answer in time
├── StartError             a part did not become ready; everything was stopped again
├── SampleError            the running system did not answer as it must
└── DemoError              a program of the demonstration failed
"""


class StackError(Exception):
    """One clear sentence for the person at the terminal."""


class PreflightError(StackError):
    """The machine is not ready; nothing was started."""


class StoreError(StackError):
    """The model store could not be built; nothing was started."""


class PageError(StackError):
    """The web page could not be built; the rest works without it."""


class SupervisorError(StackError):
    """The supervisor does not start or answer."""


class SupervisorStalledError(SupervisorError):
    """There is a supervisor, but it does not answer in time."""


class StartError(StackError):
    """A part did not become ready; everything was stopped again."""


class SampleError(StackError):
    """The running system did not answer as it must."""


class DemoError(StackError):
    """A program of the demonstration failed."""

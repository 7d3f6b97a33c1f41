"""Builds the web page out of web/, where something changed since it was built last."""

import fcntl
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from mien_stack.errors import PageError
from mien_stack.npm import Npm, find_npm
from mien_stack.settings import ROOT

_MODULES = "node_modules"
# What the installed packages follow from.
_PACKAGES = ("package.json", "package-lock.json", ".npmrc")
# What the page does not: a changed test builds nothing.
_ASIDE = frozenset({"tests", "README.md", "biome.json"})


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Where the page is made."""

    sources: Path = ROOT / "web"
    build: Path = ROOT / "build"
    """Folder of the page, npm's cache, the log, and the stamps that say what is up to date."""

    @property
    def page(self) -> Path:
        """The folder of the built page, as the sources' own settings have it."""
        return self.build / "page"

    @property
    def log(self) -> Path:
        """What npm said last."""
        return self.build / "page.log"

    def find_npm(self) -> Npm:
        """Return npm on a Node that the sources work with."""
        wanted = json.loads((self.sources / "package.json").read_text("utf-8"))["engines"]["node"]
        major, minor = map(int, re.findall(r"\d+", wanted)[:2])
        return find_npm((major, minor), self.build / "npm")


def is_in(folder: Path) -> bool:
    """Whether a folder holds a page, be it up to date or not."""
    return (folder / "index.html").exists()


def make(what: str, console: Console) -> None:
    """Build, check or test the page; where that fails, npm's words come with it.

    Raises:
        PageError: it failed.
    """
    workshop = Workshop()
    try:
        {"build": build, "check": check, "test": test}[what](console, workshop)
    except PageError as error:
        message = f"{error}\n{_text(workshop.log)}"
        raise PageError(message) from error


def build(console: Console, workshop: Workshop) -> None:
    """Build the page unless it is up to date.

    Raises:
        PageError: npm failed; a page that was built before may still be there.
    """
    with _alone(workshop):
        wanted = digest(workshop.sources, leave_out=_ASIDE | {_MODULES})
        stamp = workshop.build / "page.stamp"
        if is_in(workshop.page) and _text(stamp) == wanted:
            return
        _install(console, workshop)
        console.print("Building the web page")
        stamp.unlink(missing_ok=True)
        _npm(console, workshop, "run", "build")
        stamp.write_text(wanted)


def check(console: Console, workshop: Workshop) -> None:
    """Hold the sources to the linter and the types, unless these very ones passed before.

    Raises:
        PageError: something is not as it should be.
    """
    with _alone(workshop):
        wanted = digest(workshop.sources, leave_out={_MODULES})
        stamp = workshop.build / "page.checked"
        if _text(stamp) != wanted:
            _install(console, workshop)
            _npm(console, workshop, "run", "check")
            stamp.write_text(wanted)


def test(console: Console, workshop: Workshop) -> None:
    """Run the tests that need no browser.

    Raises:
        PageError: one of them failed.
    """
    with _alone(workshop):
        _install(console, workshop)
        _npm(console, workshop, "test")


def digest(folder: Path, leave_out: frozenset[str] | set[str] = frozenset()) -> str:
    """A hash over every file of a folder, its name and its content.

    `leave_out` names what is passed over at the top.
    """
    hashed = hashlib.sha256()
    for top in sorted(one for one in folder.iterdir() if one.name not in leave_out):
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file():
                content = path.read_bytes()
                hashed.update(f"{path.relative_to(folder)} {len(content)}\n".encode() + content)
    return hashed.hexdigest()


def _install(console: Console, workshop: Workshop) -> None:
    """Bring the packages to what the lock file says."""
    wanted = hashlib.sha256()
    for name in _PACKAGES:
        wanted.update((workshop.sources / name).read_bytes())
    # In there, so that it goes when somebody throws them away.
    stamp = workshop.sources / _MODULES / ".mien-installed"
    if _text(stamp) != wanted.hexdigest():
        console.print("Installing the packages of the web page")
        try:
            _npm(console, workshop, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        except PageError as error:
            message = f"{error}; can npm's registry be reached?"
            raise PageError(message) from error
        stamp.write_text(wanted.hexdigest())


def _npm(console: Console, workshop: Workshop, *arguments: str) -> None:
    npm = workshop.find_npm()
    npm.run(*arguments, folder=workshop.sources, log=workshop.log, console=console)


@contextmanager
def _alone(workshop: Workshop) -> Iterator[None]:
    """Two at a time would write the same files; the second one waits, and finds them done."""
    workshop.build.mkdir(parents=True, exist_ok=True)
    with (workshop.build / "page.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""

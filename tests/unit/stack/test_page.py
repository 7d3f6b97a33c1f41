"""When the page is built, by an npm that writes down what it was asked."""

import stat
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from mien_stack import npm, page
from mien_stack.errors import PageError
from mien_stack.processes import processes
from mien_stack.settings import StackSettings
from tests.running_system import free_ports

FAKE_NPM = """#!/bin/sh
echo "$@" >> ../asked
[ -e ../broken ] && { echo "no such registry"; exit 1; }
[ "$1" = ci ] && { rm -rf node_modules; mkdir node_modules; }
[ "$*" = "run build" ] && { mkdir -p ../build/page; cp src/main.ts ../build/page/index.html; }
[ "$1" = slow ] && { sleep 600 & echo $! > ../sleeper; wait; }
exit 0
"""
INSTALL = "ci --ignore-scripts --no-audit --no-fund"
BUILD, CHECK, TEST = "run build", "run check", "test"


@dataclass(frozen=True, kw_only=True)
class FakeWorkshop(page.Workshop):
    """Sources of three files, and an npm beside them."""

    @property
    def asked(self) -> list[str]:
        """What npm was asked since the last look."""
        path = self.build.parent / "asked"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def find_npm(self) -> npm.Npm:
        """Find the fake."""
        program = self.build.parent / "npm"
        return npm.Npm(command=(str(program),), node=program, cache=self.build / "npm")


@pytest.fixture
def workshop(tmp_path: Path) -> FakeWorkshop:
    program = tmp_path / "npm"
    program.write_text(FAKE_NPM, encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    sources = tmp_path / "web"
    for name in ("package.json", "package-lock.json", ".npmrc", "src/main.ts", "tests/one.test.ts"):
        (sources / name).parent.mkdir(parents=True, exist_ok=True)
        (sources / name).write_text(name, encoding="utf-8")
    return FakeWorkshop(sources=sources, build=tmp_path / "build")


def change(workshop: FakeWorkshop, name: str) -> None:
    (workshop.sources / name).write_text(f"{name} changed", encoding="utf-8")


def break_npm(workshop: FakeWorkshop) -> None:
    (workshop.build.parent / "broken").touch()


def test_what_is_up_to_date_is_not_built_again(workshop: FakeWorkshop) -> None:
    """Nothing is even asked of npm."""
    page.build(Console(), workshop)
    assert workshop.asked == [INSTALL, BUILD]
    page.build(Console(), workshop)
    assert workshop.asked == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("src/main.ts", [BUILD]),
        ("package-lock.json", [INSTALL, BUILD]),
        ("src/new.ts", [BUILD]),
        ("tests/one.test.ts", []),
        ("node_modules/one.js", []),
    ],
)
def test_a_change_asks_for_as_much_as_it_must(
    workshop: FakeWorkshop, name: str, expected: list[str]
) -> None:
    """A new lock file for new packages, a test for nothing."""
    page.build(Console(), workshop)
    assert workshop.asked
    change(workshop, name)
    page.build(Console(), workshop)
    assert workshop.asked == expected


def test_a_file_that_moves_is_a_change(workshop: FakeWorkshop) -> None:
    """Though no content is another one."""
    page.build(Console(), workshop)
    (workshop.sources / "src/main.ts").rename(workshop.sources / "src/index.ts")
    before = page.digest(workshop.sources, leave_out={"node_modules"})
    (workshop.sources / "src/index.ts").rename(workshop.sources / "src/main.ts")
    assert page.digest(workshop.sources, leave_out={"node_modules"}) != before


def test_a_page_that_was_thrown_away_is_built_again(workshop: FakeWorkshop) -> None:
    """Whatever the stamp says."""
    page.build(Console(), workshop)
    (workshop.page / "index.html").unlink()
    assert workshop.asked
    page.build(Console(), workshop)
    assert workshop.asked == [BUILD]


def test_packages_that_were_thrown_away_are_installed_again(workshop: FakeWorkshop) -> None:
    """But not before they are needed."""
    page.build(Console(), workshop)
    (workshop.sources / "node_modules").rename(workshop.build / "away")
    assert workshop.asked
    page.build(Console(), workshop)
    assert workshop.asked == []
    page.test(Console(), workshop)
    assert workshop.asked == [INSTALL, TEST]


def test_a_build_that_failed_is_tried_again(workshop: FakeWorkshop) -> None:
    """The page of before stays, and is not taken for the new one."""
    page.build(Console(), workshop)
    change(workshop, "src/main.ts")
    break_npm(workshop)
    for _ in range(2):
        with pytest.raises(PageError, match=r"`npm run build` failed: see .*page\.log"):
            page.build(Console(), workshop)
    assert page.is_in(workshop.page)
    assert "no such registry" in workshop.log.read_text(encoding="utf-8")


def test_packages_that_cannot_be_had_are_no_riddle(workshop: FakeWorkshop) -> None:
    """The sentence says what may be away."""
    break_npm(workshop)
    with pytest.raises(PageError, match="can npm's registry be reached"):
        page.build(Console(), workshop)
    assert not page.is_in(workshop.page)


def test_what_passed_is_not_checked_again(workshop: FakeWorkshop) -> None:
    """Tests are checked too; what failed is checked until it passes."""
    page.check(Console(), workshop)
    assert workshop.asked == [INSTALL, CHECK]
    page.check(Console(), workshop)
    assert workshop.asked == []
    change(workshop, "tests/one.test.ts")
    break_npm(workshop)
    for _ in range(2):
        with pytest.raises(PageError, match="run check"):
            page.check(Console(), workshop)


def test_npm_that_takes_too_long_is_ended_with_all_it_started(
    workshop: FakeWorkshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And shows a sign of life until then."""
    monkeypatch.setattr(npm, "HEARTBEAT_SECONDS", 0.5)
    console = Console(record=True)
    with pytest.raises(PageError, match="took longer than 1 s"):
        workshop.find_npm().run(
            "slow",
            folder=workshop.sources,
            log=workshop.log,
            console=console,
            timeout_seconds=0.8,
        )
    assert "... " in console.export_text()
    sleeper = Path(f"/proc/{(workshop.build.parent / 'sleeper').read_text().strip()}/cmdline")
    deadline = time.monotonic() + 5
    while sleeper.exists() and sleeper.read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("version", ["v18.20.4", "v22.11.9", "nonsense", ""])
def test_a_node_that_is_too_old_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """For the one of the wheel, which is there in any case."""
    nodes(tmp_path, version)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = npm.find_npm((22, 12), tmp_path / "cache")
    assert tmp_path not in found.node.parents
    assert found.node.exists()
    assert Path(found.command[-1]).exists()


@pytest.mark.parametrize("version", ["v22.12.0", "v24.1.0"])
def test_the_machines_own_node_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Where it is new enough."""
    nodes(tmp_path, version)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = npm.find_npm((22, 12), tmp_path / "cache")
    assert (found.command, found.node) == ((str(tmp_path / "npm"),), tmp_path / "node")


def nodes(folder: Path, version: str) -> None:
    for name in ("node", "npm"):
        (folder / name).write_text(f"#!/bin/sh\necho {version}\n", encoding="utf-8")
        (folder / name).chmod(0o755)


def test_the_page_asks_for_a_node_that_the_wheel_is() -> None:
    """The minimum stands in its package.json alone."""
    assert page.Workshop().find_npm().node.exists()


def test_another_page_makes_another_gateway_and_nothing_else(tmp_path: Path) -> None:
    """So that `make up` restarts the one, and not the model servers."""
    settings = StackSettings.model_validate(
        {"run_dir": tmp_path, "page_dir": tmp_path / "page", **free_ports(["rest_port"])}
    )
    without = processes(settings)
    (tmp_path / "page").mkdir()
    versions = [without]
    for text in ("one", "other"):
        (tmp_path / "page" / "index.html").write_text(text, encoding="utf-8")
        versions.append(processes(settings))
    for before, after in pairwise(versions):
        pairs = zip(before, after, strict=True)
        assert [old.name for old, new in pairs if old != new] == ["gateway"]
    gateway = next(one for one in versions[-1] if one.name == "gateway")
    assert gateway.environment["MIEN_GATEWAY_PAGE_DIR"] == str(tmp_path / "page")

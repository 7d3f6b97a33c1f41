from pathlib import Path

from mien_stack.settings import StackSettings

README = Path(__file__).resolve().parents[3] / "stack" / "README.md"


def test_the_readme_lists_every_setting() -> None:
    """No setting is a secret, and none is listed that is not there."""
    rows = [line for line in README.read_text(encoding="utf-8").splitlines() if "| `MIEN_" in line]
    listed = {row.split("`")[1] for row in rows}
    assert listed == {f"MIEN_STACK_{name.upper()}" for name in StackSettings.model_fields}


def test_no_two_ports_are_equal_by_default() -> None:
    """The parts do not fight each other."""
    ports = list(StackSettings().ports().values())
    assert len(set(ports)) == len(ports) == 11

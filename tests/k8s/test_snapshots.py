"""A change of the chart shows in the snapshots, where it is looked at."""

from difflib import unified_diff

import pytest

from tests.k8s.snapshots import FOLDER, KEPT, snapshot

LINES = 40


@pytest.mark.parametrize("case", KEPT)
def test_the_rendering_is_the_one_that_was_looked_at(case: str) -> None:
    """Or `make snapshots` has to be run, and its difference to be read."""
    kept = (FOLDER / f"{case}.yaml").read_text(encoding="utf-8")
    now = snapshot(case)
    difference = list(unified_diff(kept.splitlines(), now.splitlines(), "kept", "now", n=1))
    shown = "\n".join(difference[:LINES])
    assert not difference, f"if that is meant, run `make snapshots`:\n{shown}"


def test_no_snapshot_is_left_over() -> None:
    """Each belongs to a file of values."""
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == sorted(KEPT)

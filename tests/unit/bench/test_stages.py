"""Where a request's time goes: what is told is read, split and held against the budgets."""

from io import BytesIO
from itertools import islice
from pathlib import Path

import pytest
from PIL import Image

from mien_bench.compare.pairs import PYTORCH, TENSORFLOW
from mien_bench.reports.csv_files import read_rows
from mien_bench.reports.page import Page
from mien_bench.stages.asking import Answered, stages_of
from mien_bench.stages.budget import WORK, Stage, budget, split
from mien_bench.stages.kinds import Kind, supply
from mien_bench.stages.rows import OVERHEAD, Row, save
from mien_bench.stages.telling import page, verdict

HEADER = (
    "receive;dur=0.5, hash;dur=0.1, cache;dur=1.0, detect;dur=8.0, decode;dur=1.0, "
    "find;dur=5.0, crop;dur=0.5, infer;dur=4.0, total;dur=13.5, encode;dur=0.25"
)
ANSWER = Answered(waited=15.0, stages=stages_of(HEADER))


def test_the_header_is_read() -> None:
    """Every stage, in milliseconds."""
    assert ANSWER.stages["receive"] == 0.5
    assert ANSWER.stages["encode"] == 0.25
    assert len(ANSWER.stages) == 10


def test_the_stages_add_up_to_what_the_client_waited() -> None:
    """Nothing is lost, and nothing counted twice."""
    stages = split(ANSWER, inference=2.0)
    assert sum(stages.values()) == pytest.approx(15.0)
    assert stages[Stage.DETECTOR_HOP] == pytest.approx(1.5)
    assert stages[Stage.MODEL_HOP] == pytest.approx(2.0)
    assert stages[Stage.HTTP] == pytest.approx(0.75)
    assert stages[Stage.PIPELINE] == pytest.approx(0.4)


def test_a_model_cannot_take_longer_than_its_hop() -> None:
    """What was measured elsewhere may: a busy machine is slow at times."""
    assert split(ANSWER, inference=9.0)[Stage.INFERENCE] == 4.0


def test_a_budget_is_made_of_medians() -> None:
    """One answer that came late changes nothing."""
    late = Answered(waited=500.0, stages=ANSWER.stages)
    found = budget([ANSWER, late, ANSWER], inference=2.0)
    assert (found.requests, found.waited) == (3, 15.0)
    assert found.overhead == pytest.approx(15.0 - sum(found.stages[stage] for stage in WORK))


@pytest.mark.parametrize("kind", [Kind.NEW, Kind.NEW_TEN])
def test_new_pictures_are_new(kind: Kind) -> None:
    """To each client."""
    pictures = [*islice(supply(kind, 0), 20), *islice(supply(kind, 1), 20)]
    assert len({pixels(picture) for picture in pictures}) == 40


def test_a_known_face_comes_in_other_files() -> None:
    """Other bytes, the same pixels."""
    pictures = list(islice(supply(Kind.SAME_FACE, 0), 5))
    assert len(set(pictures)) == 5
    assert len({pixels(picture) for picture in pictures}) == 1


def test_a_known_picture_is_the_same_file() -> None:
    """Byte for byte."""
    assert len(set(islice(supply(Kind.SAME_PICTURE, 0), 5))) == 1


def test_the_verdict_names_what_is_above_its_budget() -> None:
    """For one client; with more, waiting in line is part of it."""
    found = {
        (Kind.NEW, PYTORCH, 1): budget([ANSWER], 2.0),
        (Kind.NEW, TENSORFLOW, 1): budget([Answered(10.0, ANSWER.stages)], 2.0),
        (Kind.NEW, TENSORFLOW, 16): budget([ANSWER], 2.0),
        (Kind.SAME_PICTURE, PYTORCH, 1): budget([Answered(0.5, ANSWER.stages)], 0.0),
    }
    first, second, third = verdict(found).splitlines()
    assert "pytorch" in first
    assert "6.50 ms at the median, **above** the budget of 3 ms" in first
    assert "1.50 ms at the median, within the budget of 3 ms" in second
    assert "the answer takes 0.500 ms at the median, within the budget of 1 ms" in third


def test_the_report_has_a_section_and_a_plot_for_each_number_of_clients(tmp_path: Path) -> None:
    """And the raw data can be read again."""
    found = {
        (kind, framework, clients): budget([ANSWER], 2.0)
        for kind in (Kind.NEW, Kind.NEW_TEN)
        for framework in (PYTORCH, TENSORFLOW)
        for clients in (1, 16)
    }
    made: Page = page(found, {"command": "make profile"})
    assert [plot.name for plot in made.plots()] == ["stages-1", "stages-16"]
    text = made.markdown()
    assert all(stage.value in text for stage in Stage)
    save(tmp_path, found)
    rows = read_rows(tmp_path / "stages.csv", Row)
    assert len(rows) == len(found) * (len(Stage) + 2)
    assert {row.milliseconds for row in rows if row.stage == OVERHEAD} == {6.5}


def pixels(jpeg: bytes) -> bytes:
    with Image.open(BytesIO(jpeg)) as opened:
        return opened.tobytes()

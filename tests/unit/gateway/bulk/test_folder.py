"""Shares of a folder, and what is remembered of a video."""

from pathlib import Path

import pytest

from mien_gateway.bulk.__main__ import AWAY, main
from mien_gateway.bulk.folder import Results, share
from tests.running_system import free_ports


def names(folder: Path, count: int) -> list[set[str]]:
    return [{path.name for path in share(folder, index, count)} for index in range(count)]


def test_shares_are_all_videos_once(tmp_path: Path) -> None:
    """However many processes there are."""
    for number in range(20):
        (tmp_path / f"{number}.MP4").touch()
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "text.txt").touch()
    everything = {f"{number}.MP4" for number in range(20)}
    for count in (1, 3, 7):
        parts = names(tmp_path, count)
        assert set().union(*parts) == everything
        assert sum(map(len, parts)) == len(everything)
    assert all(names(tmp_path, 3))


def test_a_video_that_comes_later_moves_no_other(tmp_path: Path) -> None:
    """A process that begins again finds its own."""
    for number in range(10):
        (tmp_path / f"{number}.mp4").touch()
    before = names(tmp_path, 3)
    (tmp_path / "00.mp4").touch()
    after = names(tmp_path, 3)
    assert [later - {"00.mp4"} for later in after] == before


def test_what_is_half_written_counts_as_nothing(tmp_path: Path) -> None:
    """A process may be lost at any time."""
    results = Results(tmp_path / "v.mp4")
    assert (results.job, results.done) == (None, None)
    results.begin("a")
    assert Results(results.folder).job == "a"
    for text in ("", '{"id": "a', "[]", "{}"):
        (results.folder / "job.json").write_text(text)
        assert Results(results.folder).job is None
    results.finish({"state": "SUCCEEDED"})
    assert Results(results.folder).done == {"state": "SUCCEEDED"}


def test_a_gateway_that_stays_away_ends_it_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is marked as done."""
    (tmp_path / "v.mp4").write_bytes(b"video")
    address = f"http://127.0.0.1:{free_ports(['nobody'])['nobody']}"
    arguments = [str(tmp_path), str(tmp_path / "results"), "--gateway", address]
    assert main([*arguments, "--patience-seconds", "0"]) == AWAY
    assert "is away or full" in capsys.readouterr().err
    assert not (tmp_path / "results").exists()

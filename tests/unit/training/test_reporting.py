"""What people see of a run."""

from pathlib import Path

from mien_training.runs.reporting import epoch_line, epoch_reporter

META = {
    "epoch": 2,
    "loss": 1.5,
    "validation_loss": 1.25,
    "accuracy": 0.5,
    "best": 0.625,
    "learning_rate": 0.001,
    "seconds": 90.0,
}


def test_an_epoch_is_one_line_with_the_time_left() -> None:
    """Figures, the best so far, and how long it will take."""
    assert epoch_line(META, 6) == (
        "epoch 2/6  loss 1.5000  validation loss 1.2500 accuracy 0.5000 (best 0.6250)  "
        "90 s, about 6 min left"
    )


def test_the_curves_are_written_for_tensorboard(tmp_path: Path) -> None:
    """An event file holds every curve; the line is said at once."""
    said: list[str] = []
    with epoch_reporter(tmp_path, 6, said.append) as report:
        report(META)
    (events,) = (tmp_path / "tensorboard").iterdir()
    written = events.read_bytes()
    assert len(said) == 1
    for name in (b"validation_loss", b"accuracy", b"learning_rate"):
        assert name in written

from pathlib import Path

from mien_stack.processes import addresses, processes
from mien_stack.settings import StackSettings


def settings_in(folder: Path) -> StackSettings:
    registry = folder / "registry.yaml"
    registry.write_text("models: []", encoding="utf-8")
    return StackSettings.model_validate(
        {"run_dir": folder, "model_store": folder / "store", "registry": registry}
    )


def test_every_process_has_an_address(tmp_path: Path) -> None:
    """`make status` can say of each where it answers."""
    settings = settings_in(tmp_path)
    assert set(addresses(settings)) == {process.name for process in processes(settings)}


def test_a_rebuilt_model_makes_other_processes(tmp_path: Path) -> None:
    """`make up` after a change of a model does not go on with the old one."""
    settings = settings_in(tmp_path)
    before = processes(settings)
    assert before == processes(settings)
    store = settings.model_store / "torchserve"
    store.mkdir(parents=True)
    (store / "fer2013-squeezenet-pytorch.stamp.json").write_text("{}", encoding="utf-8")
    assert before != processes(settings)


def test_no_port_is_written_twice(tmp_path: Path) -> None:
    """A port that is set reaches the process that listens and those that call it."""
    settings = settings_in(tmp_path).model_copy(update={"detector_port": 12345})
    texts = {
        process.name: " ".join([*process.argv, *process.environment.values()])
        for process in processes(settings)
    }
    told = {name for name, text in texts.items() if "12345" in text}
    assert told == {"face-detector", "gateway", "worker"}

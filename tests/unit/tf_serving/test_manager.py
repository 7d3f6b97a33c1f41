"""Which versions are loaded, found and dropped; with a loader that only pretends."""

from pathlib import Path

import pytest

from mien_tf_serving.config_files import ModelSettings, VersionPolicy
from mien_tf_serving.embedded.manager import ModelManager, RetryPolicy
from mien_tf_serving.embedded.versions import State
from mien_tf_serving.errors import FailedPrecondition, InvalidArgument, NotFound

AT_ONCE = RetryPolicy(retries=1, interval_seconds=0)
NEVER = RetryPolicy(retries=0)


class Loader:
    """Returns the content of a version's file `model`; one that says `broken` fails."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def __call__(self, name: str, version: int, directory: Path) -> str:
        """Pretend to load."""
        self.calls.append(version)
        content = (directory / "model").read_text(encoding="utf-8")
        if content == "broken":
            message = f"{name} is broken"
            raise ValueError(message)
        return content


@pytest.fixture
def base(tmp_path: Path) -> Path:
    base = tmp_path / "m"
    base.mkdir()
    add(base, "1")
    return base


@pytest.fixture
def loader() -> Loader:
    return Loader()


@pytest.fixture
def manager(base: Path, loader: Loader) -> ModelManager[str]:
    manager = ModelManager[str](loader, retry=NEVER)
    manager.configure([ModelSettings(name="m", base_path=base)])
    return manager


def add(base: Path, name: str, content: str = "good") -> None:
    (base / name).mkdir()
    (base / name / "model").write_text(f"{content}" if content == "broken" else name)


def remove(base: Path, name: str) -> None:
    (base / name / "model").unlink()
    (base / name).rmdir()


def states(manager: ModelManager[str]) -> dict[int, State]:
    return {status.number: status.state for status in manager.statuses("m")}


def test_the_newest_version_is_served(manager: ModelManager[str], base: Path) -> None:
    """Version 10 is newer than version 9, whatever the order on disk."""
    add(base, "9")
    add(base, "10")
    manager.reconcile()
    assert manager.find("m") == (10, "10")
    assert states(manager) == {1: State.END, 10: State.AVAILABLE}


@pytest.mark.parametrize("name", [".2.tmp", "2.tmp", "v2", "-2", "²"])
def test_a_name_that_is_no_number_is_no_version(
    manager: ModelManager[str], base: Path, name: str
) -> None:
    """So a half-written version is never picked up."""
    add(base, name)
    manager.reconcile()
    assert states(manager) == {1: State.AVAILABLE}


def test_a_version_that_cannot_be_loaded_replaces_nothing(
    manager: ModelManager[str], base: Path
) -> None:
    """The old one goes on serving, and the status says what is wrong with the new one."""
    add(base, "2", "broken")
    manager.reconcile()
    assert manager.find("m") == (1, "1")
    newest = manager.statuses("m")[0]
    assert (newest.number, newest.state) == (2, State.END)
    assert "m is broken" in str(newest.error)


def test_a_failed_version_is_tried_again_as_often_as_allowed(base: Path, loader: Loader) -> None:
    """It may only have been copied slowly."""
    add(base, "2", "broken")
    manager = ModelManager[str](loader, retry=AT_ONCE)
    manager.configure([ModelSettings(name="m", base_path=base)])
    assert states(manager)[2] is State.LOADING
    (base / "2" / "model").write_text("2")
    manager.reconcile()
    assert manager.find("m") == (2, "2")
    assert manager.statuses("m")[0].error is None


def test_a_version_given_up_is_not_tried_for_ever(
    manager: ModelManager[str], base: Path, loader: Loader
) -> None:
    """Loading is expensive; a broken one must not eat the machine."""
    add(base, "2", "broken")
    for _ in range(3):
        manager.reconcile()
    assert loader.calls == [1, 2]


def test_a_broken_version_that_was_removed_and_put_again_is_loaded(
    manager: ModelManager[str], base: Path
) -> None:
    """That is how somebody repairs it."""
    add(base, "2", "broken")
    manager.reconcile()
    remove(base, "2")
    manager.reconcile()
    add(base, "2")
    manager.reconcile()
    assert manager.find("m") == (2, "2")


def test_removing_the_newest_version_brings_back_the_one_before(
    manager: ModelManager[str], base: Path
) -> None:
    """That is how somebody rolls back."""
    add(base, "2")
    manager.reconcile()
    remove(base, "2")
    manager.reconcile()
    assert manager.find("m") == (1, "1")


def test_a_folder_that_cannot_be_read_changes_nothing(
    manager: ModelManager[str], base: Path
) -> None:
    """A disk that hiccups must not take down what works."""
    base.rename(base.with_name("elsewhere"))
    manager.reconcile()
    assert manager.find("m") == (1, "1")


def test_several_versions_are_served_when_the_policy_says_so(base: Path, loader: Loader) -> None:
    """Each is found by its number and by its labels."""
    add(base, "2")
    manager = ModelManager[str](loader, retry=NEVER)
    settings = ModelSettings(
        name="m",
        base_path=base,
        policy=VersionPolicy(all=True),
        labels={"stable": 1, "canary": 2},
    )
    manager.configure([settings])
    assert manager.find("m", version=1) == (1, "1")
    assert manager.find("m", label="stable") == (1, "1")
    assert manager.find("m", label="canary") == (2, "2")
    assert [status.number for status in manager.statuses("m", label="canary")] == [2]


def test_what_is_not_served_is_not_found(manager: ModelManager[str]) -> None:
    """In the real server's words, for clients that read them."""
    with pytest.raises(NotFound, match=r"Servable not found for request: Latest\(x\)"):
        manager.find("x")
    with pytest.raises(NotFound, match=r"Servable not found for request: Specific\(m, 7\)"):
        manager.find("m", version=7)
    with pytest.raises(InvalidArgument, match="Unrecognized servable version label: nope"):
        manager.find("m", label="nope")
    with pytest.raises(NotFound, match="Could not find any versions of model x"):
        manager.statuses("x")
    with pytest.raises(NotFound, match="Could not find version 7 of model m"):
        manager.statuses("m", 7)


def test_a_label_of_an_unavailable_version_is_refused(base: Path, loader: Loader) -> None:
    """Unless the server was told to allow it."""
    early = [ModelSettings(name="m", base_path=base, labels={"stable": 7})]
    with pytest.raises(FailedPrecondition, match="version 7 of model m"):
        ModelManager[str](loader, retry=NEVER).configure(early)
    manager = ModelManager[str](loader, retry=NEVER, labels_may_be_early=True)
    manager.configure(early)
    with pytest.raises(NotFound, match=r"Specific\(m, 7\)"):
        manager.find("m", label="stable")


def test_a_refused_configuration_changes_nothing(
    manager: ModelManager[str], base: Path, loader: Loader
) -> None:
    """What was served still is, without having been loaded again; what was new is gone."""
    with pytest.raises(FailedPrecondition):
        manager.configure([ModelSettings(name="new", base_path=base, labels={"stable": 7})])
    assert manager.find("m") == (1, "1")
    with pytest.raises(NotFound):
        manager.find("new")
    assert loader.calls == [1, 1]


def test_a_model_that_left_the_configuration_is_unloaded(
    manager: ModelManager[str], base: Path
) -> None:
    """And the one that came is served."""
    manager.configure([ModelSettings(name="other", base_path=base)])
    assert manager.find("other") == (1, "1")
    with pytest.raises(NotFound):
        manager.find("m")
    assert manager.statuses("m")[0].state is State.END


def test_a_configuration_with_a_missing_folder_changes_nothing(
    manager: ModelManager[str], tmp_path: Path
) -> None:
    """A slip in a reload must not take down what works."""
    with pytest.raises(NotFound, match="Could not find base path"):
        manager.configure([ModelSettings(name="new", base_path=tmp_path / "absent")])
    assert manager.find("m") == (1, "1")


def test_readiness_asks_for_every_model(manager: ModelManager[str], base: Path) -> None:
    """One model without a version makes the server unready."""
    assert manager.all_available()
    remove(base, "1")
    manager.reconcile()
    assert not manager.all_available()


def test_a_number_that_no_version_can_have_is_no_version(
    manager: ModelManager[str], base: Path
) -> None:
    """It could not be told in an answer."""
    add(base, "9" * 20)
    manager.reconcile()
    assert [one.number for one in manager.statuses("m")] == [1]


def test_a_path_that_no_folder_can_have_is_not_found(manager: ModelManager[str]) -> None:
    """It comes over the wire."""
    with pytest.raises(NotFound, match="Could not find base path"):
        manager.configure([ModelSettings(name="other", base_path=Path("/a\0b"))])

"""The command `mien` against the running system, as a person or a script calls it."""

import csv
import io
import json
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest
from PIL import Image

from mien_client.command.statuses import ExitStatus
from tests.fakes.videos import steady, write_video
from tests.running_mien import run, start
from tests.running_system import System

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

FER2013 = {"angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"}
PYTORCH = "fer2013-squeezenet-pytorch"
Mien = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def mien(system: System) -> Mien:
    """The command, which finds the system by its environment; a busy machine may take long."""
    return partial(run, "--timeout", "30", MIEN_URL=system.settings.rest_url)


@pytest.fixture
def picture(tmp_path: Path, photo: bytes) -> Path:
    """The sample photo in a file whose name is not plain."""
    path = tmp_path / "été [1].jpg"
    path.write_bytes(photo)
    return path


@pytest.fixture
def grey(tmp_path: Path) -> Path:
    """A picture without a face."""
    path = tmp_path / "grey.png"
    Image.new("RGB", (200, 150), "grey").save(path)
    return path


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """A text that claims to be a JPEG."""
    path = tmp_path / "text.jpg"
    path.write_text("no picture at all\n" * 20, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of the sample photo, moving."""
    return write_video(tmp_path_factory.mktemp("clip") / "clip.mp4", steady(3, 15))


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute, which nobody waits for."""
    return write_video(tmp_path_factory.mktemp("long") / "long.mp4", steady(60, 15))


def wait_for(process: subprocess.Popen[bytes], said: bytes) -> None:
    """Read what the command says on stderr, until it says this."""
    assert process.stderr
    assert any(said in line for line in iter(process.stderr.readline, b""))


def test_a_photo_gives_a_table(mien: Mien, picture: Path) -> None:
    """With the expression, the picture's name as it is, and nothing on stderr."""
    done = mien("analyze", str(picture))
    assert (done.returncode, done.stderr) == (0, "")
    assert "happy" in done.stdout
    assert "été [1].jpg" in done.stdout
    assert PYTORCH in done.stdout


def test_json_is_what_the_gateway_says(mien: Mien, picture: Path) -> None:
    """Under the picture's name."""
    done = mien("analyze", "--json", "--model", "fer2013-squeezenet-tensorflow", str(picture))
    document = json.loads(done.stdout)
    (face,) = document["faces"]
    assert document["file"] == str(picture)
    assert document["model"]["framework"] == "tensorflow"
    assert face["top"]["label"] == "happy"
    assert set(face["probabilities"]) == FER2013


def test_csv_has_a_row_per_face(mien: Mien, picture: Path, grey: Path) -> None:
    """A picture without a face has one that says so."""
    done = mien("analyze", "--csv", str(picture), str(grey), str(picture))
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["file"] for row in rows] == [str(picture), str(grey), str(picture)]
    assert [row["label"] for row in rows] == ["happy", "", "happy"]
    assert [row["problem"] for row in rows] == ["", "no_face", ""]
    assert rows[0].keys() >= FER2013
    assert float(rows[0]["confidence"]) == float(rows[0]["happy"])


def test_standard_input_and_folders(mien: Mien, picture: Path, grey: Path, photo: bytes) -> None:
    """Both may stand among files; the order is that of the arguments."""
    done = mien("analyze", "--json", "-", str(grey.parent), given=photo)
    names = [json.loads(line)["file"] for line in done.stdout.splitlines()]
    assert names == ["standard input", str(grey), str(picture)]


def test_a_picture_that_fails_does_not_stop_the_rest(mien: Mien, picture: Path, text: Path) -> None:
    """It is told on stderr, and the status is 1."""
    done = mien("analyze", "--json", str(text), "missing.jpg", str(picture))
    assert done.returncode == ExitStatus.FAILED
    bad, missing, good = (json.loads(line) for line in done.stdout.splitlines())
    assert bad["problem"]["code"] == "unsupported_media_type"
    assert missing["problem"]["code"] == "unreadable_file"
    assert good["faces"]
    assert "text.jpg" in done.stderr
    assert "Traceback" not in done.stderr


def test_options_reach_the_server(
    mien: Mien, system: System, picture: Path, tmp_path: Path
) -> None:
    """The confidence that is asked for; what is drawn says the same as what is told."""
    folder = tmp_path / "drawn"
    options = ("--minimum-confidence", "0.99", "--allow-twin", "--save-annotated", str(folder))
    done = mien("analyze", "--json", *options, str(picture))
    assert json.loads(done.stdout)["faces"][0]["top"]["label"] == "uncertain"
    (drawn,) = folder.iterdir()
    assert f"1 annotated, in {folder}" in done.stderr
    with Image.open(drawn) as image:
        assert (image.format, image.size) == ("JPEG", (512, 512))
    wanted = httpx.post(
        f"{system.settings.rest_url}/v1/analyze/annotated",
        params={"minimum_confidence": 0.99},
        content=picture.read_bytes(),
        timeout=30,
    )
    assert drawn.read_bytes() == wanted.content


def test_an_unknown_model_lists_those_there_are(mien: Mien, picture: Path) -> None:
    """With status 2."""
    done = mien("analyze", str(picture), "--model", "nobody")
    assert done.returncode == ExitStatus.MISUSED
    assert PYTORCH in done.stderr
    assert done.stdout == ""


def test_twins_are_compared(mien: Mien, picture: Path, text: Path) -> None:
    """As a table and as JSON; a bad picture does not stop the other one."""
    done = mien("compare", str(text), str(picture))
    assert done.returncode == ExitStatus.FAILED
    assert "pytorch" in done.stdout
    assert "tensorflow" in done.stdout
    document = json.loads(mien("compare", str(picture), "--json").stdout)
    assert document["largest_difference"] < 1e-5


def test_an_expression_is_explained(mien: Mien, picture: Path, tmp_path: Path) -> None:
    """By a PNG per face, for the label that is asked for."""
    done = mien("explain", str(picture), "--save", str(tmp_path / "maps"), "--label", "sad")
    assert (done.returncode, done.stderr) == (0, "")
    assert "sad" in done.stdout
    (overlay,) = (tmp_path / "maps").iterdir()
    with Image.open(overlay) as image:
        assert image.format == "PNG"
    document = json.loads(mien("explain", str(picture), "--json").stdout)
    assert len(document["faces"][0]["heat_map"]["rows"]) == 48


def test_models_are_listed(mien: Mien) -> None:
    """All of them, one of them, and its card."""
    assert PYTORCH in mien("models").stdout
    names = [each["name"] for each in json.loads(mien("models", "--json").stdout)["models"]]
    assert PYTORCH in names
    assert json.loads(mien("models", PYTORCH, "--json").stdout)["labels"]
    assert "angry, disgust" in mien("models", PYTORCH).stdout
    assert mien("models", PYTORCH, "--card").stdout.startswith("# fer2013-squeezenet")


def test_status_tells_the_parts(mien: Mien) -> None:
    """With status 0 while pictures can be analysed."""
    done = mien("status", "--wait", "60")
    assert done.returncode == 0
    for part in ("ready", "face-detector", "torchserve", PYTORCH):
        assert part in done.stdout
    assert json.loads(mien("status", "--json").stdout)["ready"] is True


def test_grpc_gives_the_same(mien: Mien, system: System, picture: Path) -> None:
    """And says what it does not offer, and where that is."""
    grpc = f"grpc://127.0.0.1:{system.settings.grpc_port}"
    faces = [
        json.loads(mien("analyze", "--json", str(picture), *at).stdout)["faces"]
        for at in ((), ("--url", grpc))
    ]
    assert faces[0][0]["top"]["label"] == faces[1][0]["top"]["label"] == "happy"
    assert mien("status", "--url", grpc).returncode == 0
    refused = mien("models", PYTORCH, "--card", "--url", grpc)
    assert refused.returncode == ExitStatus.MISUSED
    assert "http://" in refused.stderr


def test_a_video_is_analysed(mien: Mien, clip: Path, tmp_path: Path) -> None:
    """Its timeline, subtitles and annotated copy are written; a table tells who showed what."""
    outputs = {name: tmp_path / f"out.{name}" for name in ("csv", "vtt", "annotated")}
    options = [f"--{name}={path}" for name, path in outputs.items()]
    done = mien("video", str(clip), *options, "--sample-rate", "5", "--start", "1")
    assert done.returncode == 0, done.stderr
    assert "happy" in done.stdout
    with outputs["csv"].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10
    assert float(rows[0]["time_seconds"]) == pytest.approx(1, abs=0.1)
    assert outputs["vtt"].read_text(encoding="utf-8").startswith("WEBVTT")
    assert b"ftyp" in outputs["annotated"].read_bytes()[:16]


def test_a_videos_job_is_deleted_unless_it_is_kept(
    mien: Mien, clip: Path, client: httpx.Client
) -> None:
    """What was analysed is nobody else's business."""
    deleted = json.loads(mien("video", str(clip), "--json").stdout)["results"]["job"]["id"]
    assert client.get(f"/v1/videos/{deleted}").status_code == 404
    done = mien("video", str(clip), "--keep", "--json")
    kept = json.loads(done.stdout)["results"]["job"]["id"]
    assert kept in done.stderr
    assert client.get(f"/v1/videos/{kept}").json()["state"] == "SUCCEEDED"
    client.delete(f"/v1/videos/{kept}")


def test_what_is_no_video_is_told(mien: Mien, text: Path, clip: Path) -> None:
    """By its content, or since nothing is left of it."""
    for arguments in ([str(text)], [str(clip), "--start", "50"]):
        done = mien("video", *arguments)
        assert done.returncode == ExitStatus.FAILED
        assert done.stdout == ""
        assert "Traceback" not in done.stderr


def test_an_interrupted_video_is_cancelled(system: System, long_clip: Path) -> None:
    """And the command says so; nothing of the job is left."""
    process = start(
        "video", str(long_clip), "--sample-rate", "15", MIEN_URL=system.settings.rest_url
    )
    wait_for(process, b"the server has it")
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == ExitStatus.INTERRUPTED, stderr
    assert b"the job is cancelled" in stderr
    assert (stdout, b"Traceback" in stderr) == (b"", False)


def test_a_file_is_watched_in_real_time(mien: Mien, clip: Path, tmp_path: Path) -> None:
    """The face keeps its track; each frame has a row, and the summary tells how fast it went."""
    rows_file = tmp_path / "watched.csv"
    begun = time.monotonic()
    done = mien("watch", str(clip), "--consent", "--csv", str(rows_file))
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begun > 2.9
    assert "median latency" in done.stdout
    assert "happy" in done.stdout
    with rows_file.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["track"] for row in rows} == {"1"}
    assert rows[0].keys() >= FER2013
    assert float(rows[-1]["time_seconds"]) == pytest.approx(2.9, abs=0.5)


def test_watching_ends_after_its_time(mien: Mien, long_clip: Path) -> None:
    """JSON has a line per frame."""
    done = mien("watch", str(long_clip), "--consent", "--duration", "2", "--json")
    assert done.returncode == 0, done.stderr
    frames = [json.loads(line) for line in done.stdout.splitlines()]
    assert frames[-1]["frame"] == len(frames)
    assert frames[-1]["time_seconds"] < 3
    assert frames[-1]["faces"][0]["track"] == 1
    assert "median latency" in done.stderr


def test_an_interrupted_watch_leaves_what_was_seen(
    system: System, long_clip: Path, tmp_path: Path
) -> None:
    """The file is whole, the summary is written, the status is 130."""
    rows_file = tmp_path / "watched.csv"
    process = start(
        *("watch", str(long_clip), "--consent", "--csv", str(rows_file)),
        MIEN_URL=system.settings.rest_url,
    )
    wait_for(process, b"watching")
    time.sleep(3)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == ExitStatus.INTERRUPTED, stderr
    assert b"median latency" in stdout
    assert b"Traceback" not in stderr
    with rows_file.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert all(None not in row.values() for row in rows)
    assert len(rows) > 5


def test_nobody_is_watched_without_consent(mien: Mien, clip: Path) -> None:
    """Nor by a script that forgot to say so."""
    done = mien("watch", str(clip))
    assert done.returncode == ExitStatus.MISUSED
    assert "--consent" in done.stderr


def test_a_camera_that_is_not_there_is_told(mien: Mien) -> None:
    """With what else can be named."""
    done = mien("watch", "99", "--consent")
    assert done.returncode == ExitStatus.FAILED
    assert "camera 99 cannot be read" in done.stderr
    assert "Traceback" not in done.stderr

"""k8s/CAPACITY.md says what is computed, and its values are the chart's."""

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from k8s import tools
from mien_capacity.chart import load_values
from mien_capacity.inputs import Assumed, Measured
from mien_capacity.page import blocks, simulated, written
from mien_capacity.paths import CHART_VALUES, PAGE, PLOTS, SCENARIOS
from mien_capacity.scenarios import names, overlay, prepare

CHART = CHART_VALUES.parent
PLOT_BYTES = 200_000


def snippets() -> list[str]:
    """The values on the page, the smallest load's first."""
    return re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)


@pytest.mark.timeout(400)
def test_the_page_is_current(measured: Measured, assumed: Assumed) -> None:
    """`python -m mien_capacity.page` would write it as it is."""
    days = [simulated(prepare(name, measured, assumed), assumed) for name in names()]
    page = PAGE.read_text()
    assert written(page, blocks(measured, assumed, days)) == page


def test_the_page_shows_every_scenario() -> None:
    """With its values and its plot, which are small."""
    page = PAGE.read_text()
    assert len(snippets()) == len(names())
    for name in names():
        assert f"<!-- begin pods-{name} -->" in page
        assert f"capacity/plots/{name}.png" in page
        assert 0 < (PLOTS / f"{name}.png").stat().st_size < PLOT_BYTES


@pytest.mark.parametrize("name", names())
def test_the_values_on_the_page_pass_the_chart_s_schema(name: str, tmp_path: Path) -> None:
    """Laid over the chart's own, as helm does before it checks them."""
    path = tmp_path / "values.yaml"
    path.write_text(snippets()[names().index(name)])
    schema = json.loads((CHART / "values.schema.json").read_text())
    jsonschema.validate(load_values(CHART_VALUES, path), schema)
    assert load_values(path) == load_values(overlay(name))


@pytest.mark.parametrize("name", names())
def test_the_values_render(name: str) -> None:
    """By helm itself, which also refuses what the schema cannot say."""
    try:
        helm = tools.locate("helm4")
    except tools.ToolError as error:
        pytest.skip(f"no helm: {error}")
    command = [str(helm), "template", "mien", str(CHART), f"--values={overlay(name)}"]
    options = ["--set=gateway.allowAnonymous=true"]
    done = subprocess.run([*command, *options], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    kinds = [each["kind"] for each in yaml.safe_load_all(done.stdout) if each]
    pools = load_values(overlay(name))["modelPools"]
    scaled = [pool for pool in pools if pool.get("autoscaling", {}).get("kind") == "keda"]
    assert kinds.count("ScaledObject") == len(scaled)


def test_each_scenario_has_its_values() -> None:
    """And none is left over."""
    values = {path.name.removesuffix(".values.yaml") for path in SCENARIOS.glob("*.values.yaml")}
    assert values == set(names())


def test_a_block_that_nobody_knows_is_an_error() -> None:
    """A misspelt name would otherwise stay as it was for ever."""
    with pytest.raises(KeyError, match="nonsense"):
        written("<!-- begin nonsense -->\n<!-- end nonsense -->", {})


def test_what_was_not_measured_says_so(measured: Measured, assumed: Assumed) -> None:
    """On the page and in the file."""
    assert not assumed.gpu.measured
    assert measured.command == "python -m mien_capacity.measure"
    for name in names():
        system = prepare(name, measured, assumed).system
        gpus = [station.name for station in system.stations if station.size.gpus]
        assert all(f"{gpu} (throughput assumed)" in PAGE.read_text() for gpu in gpus)

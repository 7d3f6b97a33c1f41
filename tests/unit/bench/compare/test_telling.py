"""The report, told by its figures."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from mien_bench.compare.pairs import PYTORCH, TENSORFLOW
from mien_bench.compare.plan import INSIDE, SERVED, Way
from mien_bench.compare.rows import EMBEDDED, OFFICIAL, Results, load_results
from mien_bench.compare.telling.__main__ import main
from mien_bench.compare.telling.figures import Figures
from mien_bench.compare.telling.report import page
from mien_bench.compare.telling.summary import summary


def told(results: Results) -> str:
    return page(Figures(results)).markdown()


def test_the_figures_are_in_the_text(results: Results) -> None:
    """Medians, intervals, ratios, what the server adds, and what waiting in line explains."""
    text = told(results)
    assert "**PyTorch 4.08 ms**, TensorFlow 6.12 ms: 1.50 times" in text
    assert "With 16 it is PyTorch 65.3 ms (65.3 ms)" in text
    assert "2.04 ms graph, 2.04 ms server, 6.12 ms gateway and detector" in text
    assert "The model is 20.0 % of what a caller waits for" in text
    assert "| start to first answer, s | 6.00 (4.00 to 8.00) | 6.00 (4.00 to 8.00) |" in text
    assert "?" not in text
    assert "nan" not in text


def test_the_time_of_predict_is_told_as_it_was_measured(results: Results) -> None:
    """Where Keras itself takes the time it says so, and where it is spent around, that."""
    assert "most of the rest is that Keras computes it instead of the exported graph" in told(
        results
    )
    assert "PyTorch's 30 ms a later Keras `predict()`" in told(results)
    slow = {Way.PREDICT: 60.0, Way.ON_BATCH: 3.2}
    results.rounds = [
        replace(one, p50_ms=slow[one.way])
        if one.framework is TENSORFLOW and one.way in slow
        else one
        for one in results.rounds
    ]
    text = told(results)
    assert "TensorFlow: `predict()` takes 60.0 ms for one face, the graph 3.06 ms; " in text
    assert "most of the rest is spent around the computation (94.7 %)" in text
    assert "TensorFlow's 350 ms the first `tf.function` of the SavedModel" in text
    assert "29.4 times TorchScript's 2.04 ms" in text
    assert "the way of calling is 19.6, and the framework, graph against graph, 1.50" in text


def test_every_plot_is_there_and_none_is_empty(results: Results) -> None:
    """A line for each twin, in the colours that stand for them."""
    plots = {plot.name: plot.svg for plot in page(Figures(results)).plots()}
    assert set(plots) == {
        *("latency", "throughput", "batches", "parts"),
        *("predict", "first-calls", "cpu", "footprint"),
    }
    for name in ("latency", "throughput", "batches", "cpu", "footprint"):
        assert {"#d55e00", "#0072b2"} <= set(re.findall(r"#[0-9a-f]{6}", plots[name])), name


@pytest.mark.parametrize("kept", [(Way.GATEWAY,), (Way.SERVER,), SERVED, INSIDE])
def test_what_an_interrupt_left_makes_a_report_too(results: Results, kept: tuple[Way, ...]) -> None:
    """No facts, and no cell of some ways."""
    results.rounds = [one for one in results.rounds if one.way in kept and one.round == 1]
    results.facts = []
    results.conditions["interrupted"] = "after a while"
    text = told(results)
    assert "**The run was interrupted**" in text
    assert "**1 round only**" in text
    page(Figures(results)).html()


def test_wrong_answers_are_told_of_first(results: Results) -> None:
    """No figure stands above them."""
    results.rounds[0] = replace(results.rounds[0], failures=7)
    text = told(results)
    assert 0 < text.index("7 were not right") < text.index("- `")


@pytest.mark.parametrize(("server", "told_of"), [(EMBEDDED, True), (OFFICIAL, False)])
def test_the_embedded_server_is_a_limit(results: Results, server: str, told_of: bool) -> None:
    """The official one is none."""
    results.conditions["TensorFlow server"] = server
    assert ("How the official program compares is not known" in told(results)) is told_of
    assert f"the TensorFlow server is {server}" in summary(Figures(results))


def test_the_report_and_a_pages_block_are_written_anew_from_the_raw_data(
    results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The block leads to the report; a page without marks, or no data, is a clear error."""
    folder, readme = tmp_path / "reports" / "compare", tmp_path / "README.md"
    results.save(folder)
    readme.write_text("a\n<!-- compare:begin -->\n<!-- compare:end -->\nb\n")
    assert main(["--out", str(folder), "--readme", str(readme)]) == 0
    assert (folder / "report.md").read_text() == told(load_results(folder))
    text = readme.read_text()
    assert summary(Figures(load_results(folder))) in text
    assert "(reports/compare/report.md)" in text
    assert text.startswith("a\n<!-- compare:begin -->\n")
    assert text.endswith("\n<!-- compare:end -->\nb\n")
    readme.write_text("no marks")
    assert main(["--out", str(folder), "--readme", str(readme)]) == 1
    assert main(["--out", str(tmp_path / "nowhere")]) == 1
    assert capsys.readouterr().err.count("mien: ") == 2


def test_the_faster_twin_is_bold_whoever_it_is(results: Results) -> None:
    """Nothing in the text knows the outcome."""
    other = {PYTORCH: TENSORFLOW, TENSORFLOW: PYTORCH}
    results.rounds = [replace(one, framework=other[one.framework]) for one in results.rounds]
    assert "**TensorFlow 4.08 ms**, PyTorch 6.12 ms: 1.50 times" in told(results)

"""Input that cannot be used ends the workflow in one line, before anything is trained."""

import pytest
from helpers.running import ONE_POPULATION, Workflow, overlay


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"population_sise": 3}, "unknown key 'population_sise'"),
        ({"dataset": {"name": "nothing"}}, "dataset"),
        ({"regimes": {"base": {"flops": [2.0e6, 1.0e6]}}}, "regimes.base.flops"),
        ({"studies": {"fig01_design_space_design": {"title": "x", "panels": {"a": ["Nowhere"]}}}}, "'Nowhere'"),
        ({"studies": {"fig99_unknown": {"title": "x", "panels": {"a": ["RegNetX"]}}}}, "fig99_unknown"),
    ],
)
def test_bad_configuration_ends_in_one_line_before_any_job(tmp_path, settings, expected):
    done = Workflow(tmp_path).run(config=overlay(tmp_path, **settings), check=False)
    assert done.returncode != 0
    lines = [line for line in done.stdout.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1 and expected in lines[0]
    assert "Traceback" not in done.stdout
    assert not (tmp_path / "results").exists()


def test_an_impossible_population_ends_with_a_report_before_training(tmp_path):
    settings = {"design_spaces": {"AnyNetX_A": {"constraints": ["depth > 1000"]}}}
    done = Workflow(tmp_path).run(ONE_POPULATION, config=overlay(tmp_path, **settings), check=False)
    assert done.returncode != 0
    lines = [line for line in done.stdout.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1 and "depth > 1000" in lines[0] and "AnyNetX_A" in lines[0] and "draws" in lines[0]
    assert not (tmp_path / "results" / "digits" / "runs").exists()

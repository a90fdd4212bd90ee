"""Populations of other people: what each format becomes, no job lost, and one line for a file that is wrong."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from helpers.plugins import bring
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load
from netspaces.figures.general import error_distributions
from netspaces.figures.paper import fig02_anynet_statistics, fig08_linear_fits
from netspaces.populations.columns import IDENTITY, RESULTS
from netspaces.populations.imported import read_population
from netspaces.populations.imported_jobs import ImportFileError
from netspaces.populations.importers import IMPORTERS
from netspaces.populations.table import write_population
from netspaces.studies.study import Study, explained, load_study
from netspaces.tables.summaries import comparisons, populations

ROOT = Path(__file__).parents[3]
FILES = ROOT / "tests" / "imports"
EXAMPLE = yaml.safe_load(
    re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / "how-to" / "import.md").read_text(), re.DOTALL)[1]
)
DECLARED = {name: {**entry, "file": str(ROOT / entry["file"])} for name, entry in EXAMPLE["imported"].items()}
DECLARED["Cells"] = {"format": "nds", "file": str(FILES / "nds_reruns.json")}


def table(name: str) -> pd.DataFrame:
    return read_population(f"{name}-imported-{DECLARED[name]['format']}", DECLARED[name])


def changed(name: str, tmp_path: Path, change) -> dict:
    """A declaration of a json file of which `change` altered the content."""
    content = json.loads(Path(DECLARED[name]["file"]).read_text())
    path = tmp_path / "file.json"
    path.write_text(json.dumps(change(content) or content))
    return {**DECLARED[name], "file": str(path)}


# ---- What becomes of a file ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "n", "counts"), [("ResNeXt", 12, (10, 1, 1)), ("Sweep", 8, (7, 0, 1))])
def test_every_job_is_a_row_with_what_became_of_it(name, n, counts):
    made = table(name)
    assert made["index"].tolist() == list(range(n))
    assert tuple((made["status"] == status).sum() for status in ("finished", "diverged", "missing")) == counts
    assert (made["error_min"].isna() == (made["status"] == "missing")).all()
    assert set(RESULTS) <= set(made)
    assert (made["error_min"].dropna() <= made["error"].dropna()).all()


def test_a_standard_network_of_nds():
    made, job = table("ResNeXt"), json.loads((FILES / "nds_resnext.json").read_text())[3]
    row, net = made.iloc[3], job["net"]
    assert [row[f"depth_{i}"] for i in (1, 2, 3, 4)] == net["ds"] and row["depth"] == sum(net["ds"])
    assert [row[f"width_{i}"] for i in (1, 2, 3, 4)] == net["ws"]
    assert math.isnan(row["bottleneck_1"]) and row["bottleneck_2"] == 4
    assert row["group_width_2"] == net["ws"][1] * 0.25 / net["num_gs"][1]
    assert row[["flops", "params"]].tolist() == [job["flops"], job["params"]]
    assert row["error"] == job["test_ep_top1"][-1] and row["error_min"] == min(job["test_ep_top1"])
    assert row["learning_rate"] == 0.1 and row["epochs"] == 4


def test_networks_of_cells_and_groups_of_reruns():
    made = table("Cells")
    assert made["group"].tolist() == ["top"] * 3 + ["mid"] * 3
    assert made["depth"].tolist() == [8, 9, 10, 11, 12, 13] and "stages" not in made
    assert json.loads(made["genotype"][0])["normal_concat"] == [2, 3]


def test_a_regnet_of_pycls_has_the_stages_of_its_rule_and_an_anynet_its_own():
    made = table("Sweep")
    regnet, anynet = made.iloc[0], made.iloc[5]
    assert regnet[["depth", "w_0", "w_a", "w_m"]].tolist() == [8, 16, 16, 2]
    assert sum(regnet[f"depth_{i}"] for i in range(1, int(regnet["stages"]) + 1)) == 8
    assert [anynet[f"width_{i}"] for i in (1, 2, 3, 4)] == [16, 32, 64, 128] and anynet["bottleneck_1"] == 2
    averaged = json.loads((FILES / "sweep.json").read_text())[0]["test_ema_epoch"]["top1_err"]
    assert regnet["error_min"] == min(averaged)
    assert regnet["block"] == "x" and regnet["activations_all"] == 30_000


def sweep_of(block: str, tmp_path: Path) -> pd.DataFrame:
    """The sweep of pycls with networks of another block."""

    def change(jobs):
        for job in jobs:
            for net in ("ANYNET", "REGNET"):
                job["cfg"].get(net, {})["BLOCK_TYPE"] = block

    return read_population("x-imported-pycls", changed("Sweep", tmp_path, change))


def test_a_vanilla_block_of_pycls_has_two_convolutions_and_is_two_of_our_blocks_v(tmp_path):
    theirs, made = table("Sweep"), sweep_of("vanilla_block", tmp_path)
    assert set(made["block"]) == {"v"}
    depths = [name for name in made if name.startswith("depth")]
    assert made[depths].equals(2 * theirs[depths])
    rest = [name for name in made if name not in (*IDENTITY, *depths, "block", "key")]
    pd.testing.assert_frame_equal(made[rest], theirs[rest])
    for row in made.to_dict("records"):
        assert row["depth"] == sum(row[f"depth_{stage}"] for stage in range(1, int(row["stages"]) + 1))


@pytest.mark.parametrize(
    ("block", "ours"), [("mbconv", "mb"), ("res_basic_block", "res_basic_block"), ("their_own", "their_own")]
)
def test_other_blocks_of_pycls_keep_their_depth_and_their_name_if_they_are_none_of_ours(block, ours, tmp_path):
    made = sweep_of(block, tmp_path)
    assert set(made["block"]) == {ours} and made["depth"].equals(table("Sweep")["depth"])


def test_a_format_of_a_users_is_read_like_ours(tmp_path, monkeypatch):
    def read(path, columns):
        errors = path.read_text().split()
        return [{"status": "finished", "error": float(e), "error_min": float(e), "architecture": e} for e in errors]

    bring(monkeypatch, "lines", IMPORTER=read)
    (tmp_path / "errors.txt").write_text("5 7 5")
    made = read_population("x-imported-lines", {"format": "lines", "file": str(tmp_path / "errors.txt")})
    assert made["error"].tolist() == [5, 7, 5] and made["duplicate_of"].fillna(-1).tolist() == [-1, -1, 0]
    assert list(IMPORTERS) == [
        "bundle",
        "csv",
        "mlflow",
        "nds",
        "optuna",
        "pycls",
        "ray_tune",
        "syne_tune",
        "wandb",
        "lines",
    ]


def test_columns_of_a_csv_are_renamed_and_the_rest_kept():
    made = table("Mine")
    assert made["depth"].tolist()[:4] == [3, 4, 5, 6] and made["name"][0] == "net0"
    assert made["status"].tolist() == ["finished"] * 8 + ["diverged", "missing"]
    assert made["error"].equals(made["error_min"])


def test_equal_networks_are_duplicates(tmp_path):
    made = read_population("x-imported-nds", changed("ResNeXt", tmp_path, lambda jobs: [jobs[0], jobs[1], jobs[0]]))
    assert made["duplicate_of"].fillna(-1).tolist() == [-1, -1, 0] and made["key"].nunique() == 2


def test_the_same_file_gives_the_same_table():
    pd.testing.assert_frame_equal(table("Sweep"), table("Sweep"))


# ---- Files that are wrong --------------------------------------------------------------------------------------------


def without(*path):
    def change(jobs):
        part = jobs[2]
        for key in path[:-1]:
            part = part[key]
        del part[path[-1]]

    return change


def setting(value, *path):
    def change(jobs):
        part = jobs[2]
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("ResNeXt", without("net"), "job 2: net is missing"),
        ("ResNeXt", without("net", "ds"), "job 2: net: expected ds and ws, lists of one length, or a genotype"),
        ("ResNeXt", setting("fast", "iter_time"), 'job 2: iter_time is "fast", expected a number'),
        ("ResNeXt", setting(5, "test_ep_top1"), "job 2: test_ep_top1 is 5, expected a list of numbers"),
        ("ResNeXt", lambda jobs: {"jobs": 5}, "expected a list of jobs"),
        ("ResNeXt", lambda jobs: [[]], "job 0: got list, expected keys and values"),
        ("Sweep", without("cfg"), "job 2: cfg is missing"),
        ("Sweep", without("cfg", "OPTIM", "MAX_EPOCH"), "job 2: cfg: OPTIM: MAX_EPOCH is null, expected a number"),
        (
            "Sweep",
            setting(float("nan"), "cfg", "REGNET", "DEPTH"),
            "job 2: cfg: REGNET: DEPTH is NaN, expected a finite",
        ),
        ("Sweep", without("cfg", "REGNET"), "job 2: cfg: REGNET is missing"),
    ],
)
def test_a_wrong_job_is_named_with_what_was_expected(name, change, expected, tmp_path):
    declared = changed(name, tmp_path, change)
    with pytest.raises(ImportFileError) as error:
        read_population("x", declared)
    assert str(error.value).startswith(f"{tmp_path}/file.json: {expected}") and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("a,b\n1,2\n", {}, "no column error_min or error"),
        ("a,b\n1,2\n", {"error": "top1"}, "no column 'top1' for error, expected one of a, b"),
        ("error\n5\nbad\n", {}, "row 2: error is bad, expected percent from 0 to 100"),
        ("error\n500\n", {}, "row 1: error is 500"),
        ("error,status\n5,lost\n", {}, "status is 'lost'"),
        ("error\n", {}, "holds no jobs"),
        ("", {}, "not CSV"),
    ],
)
def test_a_wrong_table_is_named_with_what_was_expected(text, columns, expected, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(ImportFileError) as error:
        read_population("x", {"format": "csv", "file": str(path), "columns": columns})
    assert str(error.value).startswith(f"{path}: ") and expected in str(error.value)


def test_a_file_that_is_not_json_is_named(tmp_path):
    (tmp_path / "x.json").write_text("[{")
    with pytest.raises(ImportFileError, match=r"x\.json: not JSON"):
        read_population("x", {"format": "nds", "file": str(tmp_path / "x.json")})


# ---- Studies of imported populations ---------------------------------------------------------------------------------


def study(name: str, tmp_path: Path, spaces: list[str] | None = None):
    """The worked example's study, as its rule would load it."""
    found = load(EXAMPLE, ROOT / "config")
    panels = found.curves(name)
    paths = {}
    for population, declared in found.imported_populations.items():
        paths[population] = tmp_path / f"{population}.parquet"
        table = read_population(population, {**declared, "file": str(ROOT / declared["file"])})
        write_population(table, paths[population], paths[population].with_suffix(".csv"))
    settings = {"name": name, "title": name, "panels": panels, "planned": {}, "definitions": {}}
    settings |= {"statistics": {"error": "error_min", "level": 0.95, "margin": 1.0, "resamples": 100, "seed": 0}}
    settings |= {"preset": {"regimes": {}, "recipes": {}}}
    used = {curve["population"] for curves in panels.values() for curve in curves}
    return load_study(settings, {name: paths[name] for name in used})


def test_the_worked_example_trains_nothing():
    found = load(EXAMPLE, ROOT / "config")
    assert found.run_populations == ["ResNeXt-imported-nds", "Sweep-imported-pycls", "Mine-imported-csv"]
    assert not set(found.run_populations).intersection(found.populations)


def test_analyses_serve_imported_populations(tmp_path):
    of = study("theirs", tmp_path)
    assert [(len(c.table), c.planned) for c in of.curves] == [(11, 12), (7, 8), (9, 10)]
    drawing = error_distributions.draw(of)
    assert drawing.data.loc[drawing.data["kind"] == "summary", "planned"].tolist() == [12, 8, 10]
    assert populations.make(of)["diverged"].tolist() == [1, 0, 1]
    assert len(comparisons.make(of)) == 3
    note = populations.make(of).attrs["note"]
    assert "from a table, imported: 10 rows: 8 finished, 1 diverged (counted with its own error: 1), " in note
    assert "1 missing (no error: 1); error_min = top1." in note
    footnote = " ".join(drawing.figure._supxlabel.get_text().split())
    assert "of RegNet (pycls): top1_err of test_ema_epoch, error in percent" in footnote
    assert "diverged, as imported: 1 (ResNeXt (NDS)), 1 (from a table)" in footnote
    assert len(fig02_anynet_statistics.draw(study("theirs_statistics", tmp_path)).data)
    fits = fig08_linear_fits.draw(study("theirs_fits", tmp_path)).data
    assert np.isfinite(fits["x"]).any()


def test_a_column_that_is_not_there_is_named(tmp_path):
    of = study("theirs", tmp_path)
    of.panels["spaces"] = of.panels["spaces"][2:]
    with pytest.raises(ValueError, match="theirs: population Mine-imported-csv: no column"):
        explained(fig08_linear_fits.draw, of)
    with pytest.raises(KeyError):
        explained(lambda study: {}["x"], Study("none", "None"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"imported": {"X": {"format": "xls", "file": "x"}}},
            "X.format: got 'xls', expected one of bundle, csv, mlflow, nds, optuna, pycls, ray_tune, syne_tune, wandb",
        ),
        ({"imported": {"X": {"format": "nds"}}}, "imported.X: missing key 'file'"),
        (
            {"studies": {"s": {"title": "s", "panels": {"p": [{"imported": "Y"}]}}}},
            "s.panels.p: unknown imported 'Y', expected a key",
        ),
        ({"regimes": {"imported": {"flops": [1, 2]}}}, "regimes: got 'imported'"),
    ],
)
def test_a_wrong_declaration_is_named(given, expected):
    with pytest.raises(ConfigError) as error:
        load(given, ROOT / "config")
    assert expected in str(error.value)

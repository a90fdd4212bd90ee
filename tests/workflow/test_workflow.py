"""The whole workflow end to end: what it makes, and what it makes again after a change."""

import csv
import json
import math
import os
import re
import shutil
import sys
from contextlib import suppress
from glob import glob
from pathlib import Path

import pytest
import yaml
from helpers.running import ONE_POPULATION, REPOSITORY, Workflow, overlay
from helpers.small_runs import comparable
from netspaces.bundles.difference import difference
from netspaces.bundles.opened import Opened, open_results
from netspaces.files.archive import read_archive
from netspaces.populations.imported import read_population
from netspaces.training import checkpoints
from netspaces.training.records import read_record

DECLARED = yaml.safe_load((REPOSITORY / "config" / "studies.yaml").read_text())
STUDIES = [name for name, study in DECLARED.items() if study["chapter"] == "section_3"]
FIGURES = [study for study in STUDIES if not study.startswith("table")]
SUMMARIES = ["populations", "comparisons", "paper_against_ours", "regression_estimates", "power", "tails"]
TABLES = [study for study in STUDIES if study.startswith("table")] + SUMMARIES


@pytest.fixture
def copy(finished, tmp_path_factory) -> Workflow:
    """A copy of the finished run to be changed, beside it: elsewhere, other paths lead to the project's files."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(finished.folder, folder, symlinks=True, dirs_exist_ok=True)
    return Workflow(folder)


# ---- What a run makes ------------------------------------------------------------------------------------------------


def test_a_fresh_run_plans_one_training_job_per_network(tmp_path):
    jobs = Workflow(tmp_path).jobs()
    assert jobs["train"] == 16 * 3
    assert jobs["collect"] == jobs["sample"] == jobs["measure_acceptance"] == 16
    assert {study for study in jobs if study in STUDIES} == set(STUDIES)


def test_every_figure_and_table_is_made_in_every_format(finished):
    made = finished.files("digits/figures/*") | finished.files("digits/tables/*")
    wanted = {f"digits/figures/{name}.{kind}" for name in FIGURES for kind in ("pdf", "svg", "png", "csv")}
    wanted |= {f"digits/tables/{name}.{kind}" for name in TABLES for kind in ("csv", "csv.sha256", "md", "tex", "html")}
    assert set(made) == wanted
    assert all(made.values())


def test_both_estimates_of_means_stand_in_all_tables_with_the_rule_that_decides(finished):
    estimates = {row["population"]: row for row in table(finished, "regression_estimates")}
    assert len(estimates) == 16
    for row in estimates.values():
        assert (row["n"], row["untrained"]) == ("3", "400")
        assert math.isfinite(float(row["r2"])) and float(row["n_eff"]) >= 0
        for kind in ("plain", "regression"):
            assert float(row[f"{kind}_low"]) <= float(row[kind]) <= float(row[f"{kind}_high"])
        assert row["decides"] == ("regression" if float(row["r2_pooled"]) >= 0.25 else "plain")
    for row in table(finished, "populations"):
        for column in ("regression", "regression_low", "regression_high", "n_eff", "r2", "decides"):
            assert row[column] == estimates[row["population"]][column]
    for row in table(finished, "comparisons"):
        decided = [estimates[row[f"population_{of}"]]["decides"] for of in "ab"]
        assert row["difference"] and row["regression"] and {row["decides"]} == set(decided)
    claims = table(finished, "paper_against_ours")  # of which three networks have no limits
    assert claims and {"plain", "plain_low", "regression", "regression_low", "decides"} <= set(claims[0])
    page = finished.files("digits/tables/regression_estimates.md").popitem()[1].decode()
    rule = "decides verdicts where predictions explain at least 0.25 of the variance"
    assert rule in page and "The configuration fixes this rule" in page and "n eff." in page


def table(workflow: Workflow, name: str) -> list[dict]:
    """The rows of a table of the run."""
    text = workflow.files(f"digits/tables/{name}.csv").popitem()[1].decode("utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_there_is_a_page_to_explore_the_run_and_one_beside_each_figure(finished):
    pages = finished.files("digits/explore.html") | finished.files("digits/explore/*.html")
    figures = [name for name in STUDIES if not name.startswith("table") and "table" not in DECLARED[name]]
    with_populations = [name for name in figures if DECLARED[name].get("panels")]
    assert set(pages) == {"digits/explore.html", *(f"digits/explore/{name}.html" for name in with_populations)}
    assert all(b'id="content"' in page and len(page) < 1_500_000 for page in pages.values())


def test_a_page_of_any_study_needs_only_its_populations(tmp_path):
    jobs = Workflow(tmp_path).jobs("explore_fig04_x_block")
    assert (jobs["explore_fig04_x_block"], jobs["collect"], jobs["page_charts"]) == (1, 1, 1)
    assert "explore" not in jobs


def test_every_network_has_a_record_and_no_checkpoint_is_left(finished):
    trained = finished.files("digits/trained/*/*.json")
    keys = {network["record"]["key"] for text in trained.values() for network in json.loads(text)["networks"]}
    assert len(trained) == 16 * 3
    assert set(finished.files("digits/runs/*")) == {f"digits/runs/{key}.json" for key in keys}


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_a_run_leaves_no_process_behind(finished):
    folders = set()
    for link in glob("/proc/[0-9]*/cwd"):
        with suppress(OSError):  # of another user, or ended by now
            folders.add(os.readlink(link))
    assert os.getcwd() in folders and str(finished.folder.resolve()) not in folders


def test_a_second_run_does_nothing(finished):
    assert finished.jobs() == {}


def test_the_report_is_made(finished):
    finished.run("--report", "results/digits/report.html")
    report = (finished.folder / "results" / "digits" / "report.html").read_text()
    assert all(name in report for name in FIGURES)
    assert "preset digits: " in report and "verdict=undecided" in report  # its first screen


@pytest.mark.parametrize("chapter", ["section_4", "critics"])
def test_the_name_of_a_chapter_makes_its_studies_and_nothing_else(tmp_path, chapter):
    jobs = Workflow(tmp_path).jobs(chapter)
    studies = {name for name, study in DECLARED.items() if study["chapter"] == chapter}
    assert set(jobs) & {*DECLARED, *SUMMARIES} == studies and jobs["train"] > 0


def test_on_a_cluster_every_job_that_runs_networks_on_a_gpu_asks_for_one(tmp_path):
    whole = overlay(tmp_path, device="cuda", run_studies="all", evaluation={"weights": "weights", "imagenet": "images"})
    planned = Workflow(tmp_path).run("-n", "--quiet", "host", config=whole, profile=("slurm",)).stdout
    jobs = re.findall(r"^(?:local)?rule (\w+):$.*?^    resources: (.*?)$", planned, re.MULTILINE | re.DOTALL)
    asked = {rule: "gpu=1" in resources for rule, resources in jobs}
    networks = {"train", "train_final", "measure_times", "measure_settings", "measure_proxies", "measure_published"}
    networks |= {"evaluate_published"}
    assert networks == {rule for rule, gpu in asked.items() if gpu} and len(asked) > len(networks)


# ---- What a change makes again ---------------------------------------------------------------------------------------


def test_growing_a_population_trains_only_the_new_networks(copy, tmp_path):
    before = copy.files("digits/runs/*")
    larger = overlay(tmp_path, population_size=5)
    assert copy.jobs(ONE_POPULATION, config=larger)["train"] == 2
    copy.run(ONE_POPULATION, config=larger)
    after = copy.files("digits/runs/*")
    assert len(after) == len(before) + 2
    assert before.items() <= after.items()
    first = copy.files("digits/populations/AnyNetX_A-base-short.csv").popitem()[1].splitlines()
    assert len(first) == 6


def test_other_networks_per_job_retrain_nothing(copy, tmp_path):
    before = copy.files("digits/runs/*")
    table = copy.files(ONE_POPULATION.removeprefix("results/"))
    packed = overlay(tmp_path, models_per_job=2, networks_at_once=2)
    assert copy.jobs(ONE_POPULATION, config=packed)["train"] == 2
    copy.run(ONE_POPULATION, config=packed)
    assert copy.files("digits/runs/*") == before
    assert copy.files(ONE_POPULATION.removeprefix("results/")) == table
    jobs = {f"digits/trained/AnyNetX_A-base-short/00000-00002_{number}of2.json" for number in (1, 2)}
    assert set(copy.files("digits/trained/AnyNetX_A-base-short/*_*.json")) == jobs


def test_growing_a_population_of_packed_jobs_runs_those_of_its_last_block_only(tmp_path):
    jobs = Workflow(tmp_path).jobs(ONE_POPULATION, config=overlay(tmp_path, population_size=25, models_per_job=5))
    assert jobs["train"] == 5
    larger = Workflow(tmp_path).jobs(ONE_POPULATION, config=overlay(tmp_path, population_size=41, models_per_job=5))
    assert larger["train"] == 9


def test_runs_that_are_passed_on_give_the_same_figure_without_images_and_training(copy, tmp_path):
    copy.run("save_runs", "bundle")
    bundle = copy.folder / "results" / "digits" / "digits.bundle.zip"
    packed = read_archive(bundle, "a bundle")
    folders = ("figures", "populations", "tables")
    made = {name: text for folder in folders for name, text in copy.files(f"digits/{folder}/*.*").items()}
    wanted = {name.removeprefix("digits/") for name in made if not name.endswith((".sha256", "short.csv"))}
    assert wanted and {name for name in packed if name.split("/")[0] in folders} == wanted
    assert all(packed[name] == made[f"digits/{name}"] for name in wanted)
    imported = read_population("x", {"format": "bundle", "file": str(bundle), "population": "RegNetX-base-short"})
    theirs, ours = Opened("first", {}, {"x": imported}), open_results(copy.folder / "results" / "digits")
    assert difference(theirs, Opened("second", {}, {"x": ours.populations["RegNetX-base-short"]})) == []
    assert difference(open_results(bundle), ours) == []
    other = Workflow(tmp_path / "other")
    (other.folder / "results" / "digits").mkdir(parents=True)
    shutil.copy(copy.folder / "results" / "digits" / "runs.parquet", other.folder / "results" / "digits")
    other.run("restore_runs")
    runs = copy.files("digits/runs/*")
    assert other.files("digits/runs/*") == runs
    other.run("fig02_anynet_statistics")
    assert other.files("digits/runs/*") == runs and not other.files("digits/dataset/*.npy")
    drawn = other.files("digits/figures/*")
    assert len(drawn) == 4 and drawn.items() <= copy.files("digits/figures/*").items()


# ---- What a run costs ------------------------------------------------------------------------------------------------


def test_a_plan_trains_nothing(tmp_path):
    done = Workflow(tmp_path).run("plan")
    rows = {row["population"]: row for row in plan(tmp_path)}
    assert len(rows) == 16 + 1 and "shipped" in done.stdout and "RegNetX-base-short" in done.stdout
    assert rows["total"]["to_train"] == "48" and float(rows["total"]["hours_left"]) > 0
    assert not (tmp_path / "results" / "digits" / "runs").exists()


def test_a_plan_knows_what_is_trained_and_rests_on_it_once_it_is_fitted(copy):
    copy.run("plan")
    total = plan(copy.folder)[-1]
    assert (total["networks"], total["trained"], total["to_train"]) == ("48", "48", "0")
    copy.run("fit_cost")
    fitted = json.loads((copy.folder / "results" / "digits" / "cost.json").read_text())
    assert fitted["device"] == "cpu" and fitted["coefficients"]["runs"] == 48
    assert "fitted to 48 runs" in copy.run("plan").stdout
    assert copy.jobs("fit_cost") == {}


def test_training_jobs_ask_for_what_they_are_predicted_to_need(tmp_path):
    long = {"short": {"epochs": 20_000}}
    asked = {}
    for name, more in {
        "usual": {},
        "long": {"recipes": long},
        "rare": {"regimes": {"base": {"flops": [64, 65]}}},
    }.items():
        out = Workflow(tmp_path).run("-n", ONE_POPULATION, "--quiet", "host", config=overlay(tmp_path, **more)).stdout
        text = [line for line in out.splitlines() if "resources:" in line and "runtime=" in line]
        asked[name] = [
            tuple(int(re.search(rf"{key}=(\d+)", line)[1]) for key in ("mem_mb", "runtime")) for line in text
        ]
        assert len(asked[name]) >= 3
    assert (1000, 10) in asked["usual"] and (1000, 10) in asked["rare"]
    assert max(asked["usual"])[1] < max(minutes for _, minutes in asked["long"])


def plan(folder: Path) -> list[dict]:
    """The rows of the plan in a folder."""
    with (folder / "results" / "digits" / "plan.csv").open() as file:
        return list(csv.DictReader(file))


def test_rendering_again_gives_the_same_bytes(copy):
    """All tables, and a figure; test_figures.py draws all of them in another process."""
    before = copy.files("digits/figures/*") | copy.files("digits/tables/*")
    for path in (copy.folder / "results" / "digits" / "figures").glob("fig09_regnet.*"):
        path.unlink()
    shutil.rmtree(copy.folder / "results" / "digits" / "tables")
    copy.run("fig09_regnet", *TABLES)
    after = copy.files("digits/figures/*") | copy.files("digits/tables/*")
    assert set(before) == set(after) and [name for name in before if before[name] != after[name]] == []


def test_an_edited_figure_is_drawn_again_and_only_another_version_of_training_trains_again(copy, tmp_path):
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns(".venv", ".git", "results", ".snakemake", "__pycache__")
    shutil.copytree(REPOSITORY, source, ignore=ignored, symlinks=True)
    elsewhere = ["--snakefile", str(source / "Snakefile"), "--rerun-triggers", "params"]
    figure = source / "scripts" / "netspaces" / "figures" / "paper" / "fig06_good_and_bad_networks.py"
    figure.write_text(figure.read_text() + "\n# a comment\n")
    assert copy.jobs(*elsewhere, forked=False) == {}
    figure.write_text(figure.read_text() + "\nEDITED = True\n")
    assert set(copy.jobs(*elsewhere, forked=False)) == {"fig06_good_and_bad_networks", "all", "total"}
    figure.write_text(figure.read_text().removesuffix("\nEDITED = True\n"))
    network = source / "scripts" / "netspaces" / "networks" / "modules.py"
    network.write_text(network.read_text() + "\nEDITED = True\n")
    assert "train" not in copy.jobs(*elsewhere, forked=False)
    store = source / "scripts" / "netspaces" / "training" / "store.py"
    store.write_text(store.read_text() + "\nTRAINING_VERSION += 1\n")
    assert copy.jobs(*elsewhere, forked=False)["train"] == 16 * 3


# ---- Preview ---------------------------------------------------------------------------------------------------------


def test_a_preview_draws_what_there_is_beside_a_running_workflow(copy, tmp_path):
    records = {}
    for name in ("AnyNetX_A", "AnyNetX_E", "RegNetX"):
        trained = sorted((copy.folder / f"results/digits/trained/{name}-base-short").glob("*.json"))
        records[name] = [json.loads(path.read_text())["networks"][0]["record"]["key"] for path in trained]
    for key in {*records["AnyNetX_A"][1:], *records["AnyNetX_E"]}:  # as if it had been stopped there
        (copy.folder / f"results/digits/runs/{key}.json").unlink()
    before = copy.files("digits/runs/*") | copy.files("digits/figures/*")
    locks = copy.folder / ".snakemake" / "locks"
    locks.mkdir(exist_ok=True)
    (locks / "0.output.lock").write_text("results/digits/figures/fig09_regnet.svg\n")
    config = overlay(tmp_path, run_studies=["fig09_regnet", "fig02_anynet_statistics"])
    done = copy.run("--nolock", "preview", config=config)
    assert "9 of 9 studies drawn" in done.stdout and "done: figures" not in done.stdout
    assert copy.files("digits/runs/*") | copy.files("digits/figures/*") == before
    made = copy.files("digits/preview/tables/populations.csv").popitem()[1].decode().splitlines()
    counts = {line.split(",")[0]: line.split(",")[2:4] for line in made[1:]}
    assert (counts["AnyNetX_A"], counts["AnyNetX_E"], counts["RegNetX"]) == (["1", "3"], ["0", "3"], ["3", "3"])
    data = copy.files("digits/preview/figures/fig02_anynet_statistics.csv").popitem()[1].decode()
    assert "PREVIEW: 1 of 3 runs" in data


# ---- A second dataset ------------------------------------------------------------------------------------------------


def test_a_recipe_on_the_second_dataset_trains_the_same_networks_on_other_images(tmp_path):
    workflow, recipes = Workflow(tmp_path), {"short": {"epochs": 1}, "second_data": {"epochs": 1}}
    config = overlay(tmp_path, recipes=recipes, population_size=2, run_studies=["second_data"])
    names = [f"RegNetX-base-{recipe}" for recipe in ("short", "second_data")]
    targets = [f"results/digits/populations/{name}.csv" for name in names]
    workflow.run(*targets, config=config)
    assert workflow.jobs(*targets, config=config) == {}
    records = {name: [] for name in names}
    for path, text in workflow.files("digits/trained/*/*.json").items():
        records[path.split("/")[2]] += [network["record"] for network in json.loads(text)["networks"]]
    first, second = (records[name] for name in names)
    for key in ("architecture", "recipe", "seed", "training_version"):
        assert [record[key] for record in first] == [record[key] for record in second]
    checksums = [json.loads(text)["checksum"] for text in workflow.files("digits/*dataset/meta.json").values()]
    assert [{record["dataset"] for record in of} for of in (first, second)] == [{checksum} for checksum in checksums]
    assert len(workflow.files("digits/runs/*.json")) == 4
    workflow.run("plan", config=config)
    trained = {row["population"]: row["trained"] for row in plan(tmp_path)}
    assert [trained[name] for name in names] == ["2", "2"]
    assert "\n4 of " in workflow.run("failures", config=config).stdout  # runs are done


# ---- Imported populations --------------------------------------------------------------------------------------------


def test_the_worked_example_of_importing_runs(tmp_path):
    page = (REPOSITORY / "docs" / "how-to" / "import.md").read_text()
    (tmp_path / "theirs.yaml").write_text(re.search(r"```yaml\n(.*?)```", page, re.DOTALL)[1])
    (tmp_path / "tests").mkdir()
    shutil.copytree(REPOSITORY / "tests" / "imports", tmp_path / "tests" / "imports")
    workflow = Workflow(tmp_path)
    assert "train" not in workflow.jobs(config=tmp_path / "theirs.yaml")
    workflow.run("theirs", "populations", "explore_theirs", config=tmp_path / "theirs.yaml")
    made = workflow.files("digits/tables/populations.csv").popitem()[1].decode()
    assert "ResNeXt (NDS),ResNeXt-imported-nds,11,12,10,1" in made
    assert workflow.files("digits/figures/theirs.pdf") and workflow.files("digits/explore/theirs.html")


# ---- Damage ----------------------------------------------------------------------------------------------------------


def test_a_damaged_record_is_said_and_set_aside_and_only_its_network_is_trained_again(copy):
    trained = copy.folder / "results/digits/trained/AnyNetX_A-base-short/00001.json"
    key = json.loads(trained.read_text(encoding="utf-8"))["networks"][0]["record"]["key"]
    record = copy.folder / f"results/digits/runs/{key}.json"
    before = comparable(read_record(record))
    others = {name: text for name, text in copy.files("digits/runs/*").items() if key not in name}
    record.write_text(record.read_text(encoding="utf-8").replace('"error_min": ', '"error_min": 1'), encoding="utf-8")
    done = copy.run(ONE_POPULATION, "--forcerun", "collect", check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("error: ")]
    assert done.returncode != 0 and len(lines) == 1 and f"runs/{key}.json is damaged" in lines[0]
    assert lines[0].endswith("remove results/digits/trained/AnyNetX_A-base-short/00001.json and run again")
    trained.unlink()
    (copy.folder / ONE_POPULATION).unlink()
    done = copy.run(ONE_POPULATION)
    lines = [line for line in done.stdout.splitlines() if line.startswith("warning: ") and "damaged" in line]
    assert len(lines) == 1 and f"runs/{key}.json is damaged" in lines[0] and "trained again" in lines[0]
    assert comparable(read_record(record)) == before
    after = copy.files("digits/runs/*")
    assert {name: text for name, text in after.items() if key not in name} == others
    assert set(after) - set(others) == {f"digits/runs/{key}.json", f"digits/runs/{key}.json.damaged"}


def test_one_failed_network_does_not_stop_its_neighbours_in_a_job(copy, tmp_path):
    trained = copy.folder / "results/digits/trained/AnyNetX_A-base-short"
    shards = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(trained.glob("*.json"))]
    keys = [shard["networks"][0]["record"]["key"] for shard in shards]
    for key in keys[:2]:
        (copy.folder / f"results/digits/runs/{key}.json").unlink()
    content = checkpoints.serialised({"key": keys[0]})
    checkpoint = copy.folder / f"results/digits/runs/{keys[0]}.checkpoint"
    checkpoint.write_bytes(checkpoints.heading(content) + content)
    done = copy.run(ONE_POPULATION, config=overlay(tmp_path, models_per_job=3), check=False)
    assert done.returncode != 0 and f"runs/{keys[0]}.checkpoint cannot be used now" in done.stdout
    assert read_record(copy.folder / f"results/digits/runs/{keys[1]}.json")["status"] == "finished"

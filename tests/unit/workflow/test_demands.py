"""What training jobs ask for, from the predicted cost of their networks."""

import pytest
from helpers.configurations import CONFIG
from helpers.small_sources import write_meta
from netspaces.configuration.loading import load
from netspaces.cost.demands import LEAST
from netspaces.files.safe import DamagedFile
from netspaces.workflow.demands import Demands
from netspaces.workflow.paths import Paths

NAME = "RegNetX-base-short"
LONG = {"short": {"epochs": 20_000}, "final": {"epochs": 40_000}}


def demands(folder, predict: bool = True, **given) -> Demands:
    """The demands of the digits preset, of 20 networks each, with other settings on top."""
    configuration = load({"population_size": 20, "recipes": LONG, **given}, CONFIG)
    return Demands(configuration, Paths(str(folder)), predict)


@pytest.mark.parametrize("name", ["cost.json", "limits.json", "dataset/meta.json"])
@pytest.mark.parametrize("content", ["", "{", "[" * 200_000, '{"train": 3}', None])
def test_a_damaged_file_that_demands_rest_on_is_one_line_at_the_start(tmp_path, name, content):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    if content is None:
        path.mkdir()
    else:
        path.write_text(content)
    with pytest.raises(DamagedFile) as error:
        demands(tmp_path)
    assert str(error.value).startswith(f"{path} is damaged (") and str(error.value).endswith(
        "): remove it and run again"
    )
    demands(tmp_path, predict=False)


def test_longer_trainings_ask_for_more_time(tmp_path):
    long = demands(tmp_path).of_job(NAME, "00003")
    short = demands(tmp_path, recipes={"short": {"epochs": 1}}).of_job(NAME, "00003")
    assert long.minutes > short.minutes == LEAST.minutes and long.mem_mb >= LEAST.mem_mb


def test_a_final_training_asks_for_what_the_dearest_network_needs(tmp_path):
    of = demands(tmp_path)
    final = of.of_final(NAME)
    assert final.minutes > max(of.of_job(NAME, f"{index:05d}").minutes for index in range(20))


def test_a_process_that_runs_a_job_predicts_nothing(tmp_path):
    of = demands(tmp_path, predict=False)
    assert of.of_job(NAME, "00003") == of.of_final(NAME) == LEAST


def test_a_population_that_cannot_be_sampled_has_demands(tmp_path):
    assert demands(tmp_path, regimes={"base": {"flops": [64, 65]}}).of_job(NAME, "00000").mem_mb >= LEAST.mem_mb


def test_the_images_of_a_prepared_dataset_count_as_soon_as_they_are_there(tmp_path):
    of = demands(tmp_path)
    before = of.of_job(NAME, "00003")
    write_meta(tmp_path / "dataset", train=1_000_000, test=1000)
    assert of.of_job(NAME, "00003").minutes > before.minutes


@pytest.mark.parametrize(
    "settings, job, networks",
    [
        ({}, "00003", 1),
        ({"networks_at_once": 4}, "00003", 1),
        ({"models_per_job": 5, "networks_at_once": 2}, "00000-00019_1of4", 2),
        ({"models_per_job": 8, "networks_at_once": 8}, "00000-00019_1of3", 8),
    ],
)
def test_a_job_has_cores_for_the_networks_that_train_at_once(tmp_path, settings, job, networks):
    assert demands(tmp_path, **settings).cores(NAME, job) == networks
    assert demands(tmp_path, **settings, threads_per_network=3).cores(NAME, job) == 3 * networks
    assert demands(tmp_path, **settings, device="cuda").cores(NAME, job) == 1

"""The recipes of papers in config/recipes.yaml: each trains, is resumed bit for bit, and is found again."""

import pytest
import yaml
from helpers.configurations import CONFIG
from helpers.small_runs import ARCHITECTURE, COMPLEXITY, comparable, make_dataset, stop_after
from netspaces.training.process import Interrupted
from netspaces.training.train import train_network

pytestmark = pytest.mark.usefixtures("one_thread")

RECIPES = {name: each["recipe"] for name, each in yaml.safe_load((CONFIG / "recipes.yaml").read_text()).items()}
DATASET = make_dataset(channels=3)


def train(name: str, store, **options) -> dict:
    small = {"epochs": 2, "batch_size": 12, "warmup_epochs": 0.5, "learning_rate": 0.01}
    return train_network(ARCHITECTURE, COMPLEXITY, RECIPES[name] | small, 0, DATASET, store, **options)


@pytest.mark.parametrize("name", RECIPES)
def test_a_named_recipe_trains_and_is_resumed_bit_for_bit(tmp_path, monkeypatch, name):
    for stop in (2, 3):
        with pytest.raises(Interrupted):
            train(name, tmp_path / "a", stopping=stop_after(stop))
    resumed = train(name, tmp_path / "a")
    assert comparable(resumed) == comparable(train(name, tmp_path / "b")) and resumed["status"] == "finished"
    monkeypatch.setattr("netspaces.training.train.Run", None)  # nothing is trained again
    assert comparable(train(name, tmp_path / "a")) == comparable(resumed)

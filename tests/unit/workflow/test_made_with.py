"""What a folder of results was made with: a run with another dataset or recipe is refused, one that adds is not."""

import pytest
from helpers.configurations import CONFIG
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load
from netspaces.files.safe import DamagedFile
from netspaces.workflow.made_with import MadeWith


def made_with(folder, **given) -> MadeWith:
    """What the digits preset is made with, with other settings on top of it."""
    return MadeWith(folder, load(given, CONFIG).settings)


@pytest.fixture
def folder(tmp_path):
    """Results of the digits preset."""
    made_with(tmp_path).remember(["all", "train"])
    return tmp_path


@pytest.mark.parametrize(
    "given, where",
    [
        ({"recipes": {"short": {"epochs": 7}}}, "recipes.short.epochs: got 7, but"),
        ({"recipes": {"medium": {"weight_decay": 0.5}}}, "recipes.medium.weight_decay: got 0.5, but"),
        ({"dataset": {"test_fraction": 0.25}}, "dataset.test_fraction: got 0.25, but"),
        ({"preset": "cifar10", "dataset": {"folder": "elsewhere"}}, "dataset."),
    ],
)
def test_another_dataset_or_recipe_is_refused_in_one_line_that_says_what_to_do(folder, given, where):
    with pytest.raises(ConfigError) as error:
        made_with(folder, **given).check()
    said = str(error.value)
    assert said.startswith(where) and "\n" not in said
    assert f"{folder} was made with" in said and "--config name=NAME" in said and "made_with.json" in said


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"population_size": 500},
        {"population_sizes": {"RegNetX-*": 5}},
        {"run_studies": ["fig09_regnet"]},
        {"models_per_job": 4},
        {"recipes": {"mine": {"epochs": 3}}},
        {"recipes": {"short": {"momentum": 0.9}}},  # the default, spelled out
    ],
)
def test_what_replaces_no_result_is_let_through(folder, given):
    made_with(folder, **given).check()
    made_with(folder, **given).remember(["train"])
    made_with(folder).check()


def test_a_recipe_that_was_added_later_counts_from_then_on(folder):
    made_with(folder, recipes={"mine": {"epochs": 3}}).remember(["train"])
    with pytest.raises(ConfigError, match=r"recipes\.mine\.epochs: got 4, but .* was made with 3"):
        made_with(folder, recipes={"mine": {"epochs": 4}}).check()


def test_questions_leave_no_trace(tmp_path):
    made_with(tmp_path).remember(["plan"])
    assert list(tmp_path.iterdir()) == []


def test_a_link_to_the_same_images_is_the_same_dataset(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "images")
    results = tmp_path / "results"
    made_with(results, preset="cifar10", dataset={"folder": str(tmp_path / "images")}).remember(["train"])
    made_with(results, preset="cifar10", dataset={"folder": str(tmp_path / "link")}).check()


def test_a_damaged_memory_is_named(folder):
    (folder / "made_with.json").write_text("{")
    with pytest.raises(DamagedFile, match="made_with.json is damaged"):
        made_with(folder).check()


def test_a_name_of_its_own_is_a_folder_of_its_own():
    assert load({}, CONFIG).name == "digits"
    assert load({"name": "mine"}, CONFIG).name == "mine"
    with pytest.raises(ConfigError, match="name"):
        load({"name": "../mine"}, CONFIG)

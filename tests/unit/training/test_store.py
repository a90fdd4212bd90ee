"""The identity of runs: what their keys depend on and what not; the adoption of runs with keys of the former kind."""

import json
import shutil
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from helpers.invented import definition
from helpers.strategies import architectures
from hypothesis import given, settings
from netspaces.networks.architecture import Architecture
from netspaces.plugins.loading import Plugin, forget_plugins, load_plugins
from netspaces.spaces.sampling import sample
from netspaces.training import recipe as recipes
from netspaces.training import store
from netspaces.training.recipe import ADDED_LATER, Recipe
from netspaces.training.records import RecordError, key_of, read_record
from netspaces.training.store import (
    FORMER_SOURCES,
    adopt,
    adopt_runs,
    is_adoptable,
    plugin_digests,
    run_identity,
    run_key,
    run_keys,
)

laws = settings(deadline=None, derandomize=True, max_examples=100)
SCRIPTS = Path(__file__).parents[3] / "scripts"
ARCHITECTURE = Architecture("x", "cifar", 8, 8, 0.25, (1, 2), (16, 24), (1.0, 2.0), (8, 4), (1, 2))
RECIPE = Recipe(epochs=2, learning_rate=0.1)
KEY = run_key(ARCHITECTURE, RECIPE, 0, "dataset")

ARCHITECTURES = {
    "block": replace(ARCHITECTURE, block="v", se_ratio=0.0, bottlenecks=(1.0, 1.0), group_widths=(1, 1)),
    "stem": replace(ARCHITECTURE, stem="simple"),
    "stem_width": replace(ARCHITECTURE, stem_width=9),
    "resolution": replace(ARCHITECTURE, resolution=9),
    "se_ratio": replace(ARCHITECTURE, se_ratio=0.5),
    "depths": replace(ARCHITECTURE, depths=(2, 1)),
    "widths": replace(ARCHITECTURE, widths=(24, 24)),
    "bottlenecks": replace(ARCHITECTURE, bottlenecks=(2.0, 2.0)),
    "group_widths": replace(ARCHITECTURE, group_widths=(4, 4)),
    "strides": replace(ARCHITECTURE, strides=(2, 2)),
    "kernels": replace(ARCHITECTURE, kernels=(3, 5)),
    "activation": replace(ARCHITECTURE, activation="silu"),
    "head_width": replace(ARCHITECTURE, head_width=8),
}
RECIPES = {
    "epochs": 3,
    "batch_size": 64,
    "learning_rate": 0.2,
    "momentum": 0.8,
    "nesterov": False,
    "weight_decay": 0.0,
    "warmup_epochs": 1.0,
    "warmup_factor": 0.2,
    "update_rate_every": "epoch",
    "label_smoothing": 0.1,
    "ema_decay": 0.9,
    "zero_init_residual": True,
    "augmentation": ("flip",),
    "precision": "bf16",
    "fp32_epochs": 1.0,
    "layout": "contiguous_format",
    "target": "rotation",
}


@pytest.fixture
def plugins(tmp_path):
    """Writes and loads a user's file; none is loaded after the test."""

    def load(name: str, text: str) -> Plugin:
        path = tmp_path / f"{name}.py"
        path.write_text(text)
        return load_plugins([path])[0]

    yield load
    forget_plugins()


# ---- Keys ------------------------------------------------------------------------------------------------------------


def test_the_key_depends_on_every_part_of_the_architecture():
    assert set(ARCHITECTURES) == set(ARCHITECTURE.to_dict())
    keys = {run_key(changed, RECIPE, 0, "dataset") for changed in ARCHITECTURES.values()}
    assert len({KEY} | keys) == 1 + len(ARCHITECTURES)


def test_the_key_depends_on_every_value_of_the_recipe():
    assert set(RECIPES) == set(RECIPE.to_dict())
    keys = {run_key(ARCHITECTURE, replace(RECIPE, **{name: value}), 0, "dataset") for name, value in RECIPES.items()}
    assert len({KEY} | keys) == 1 + len(RECIPES)


def test_the_key_depends_on_seed_dataset_and_version(monkeypatch):
    keys = {KEY, run_key(ARCHITECTURE, RECIPE, 1, "dataset"), run_key(ARCHITECTURE, RECIPE, 0, "another dataset")}
    monkeypatch.setattr(store, "TRAINING_VERSION", 2)
    assert len(keys | {run_key(ARCHITECTURE, RECIPE, 0, "dataset")}) == 4


def test_the_key_does_not_depend_on_how_numbers_are_written():
    whole = replace(ARCHITECTURE, bottlenecks=(1, 2))
    assert run_key(whole, replace(RECIPE, warmup_epochs=0), 0, "dataset") == KEY
    assert run_key(whole, replace(RECIPE, warmup_epochs=-0.0), 0, "dataset") == KEY
    assert run_key(whole, replace(RECIPE, epochs=float(RECIPE.epochs)), 0, "dataset") == KEY


@pytest.mark.parametrize(("field", "value"), [("epochs", 2.5), ("epochs", True), ("batch_size", 64.5)])
def test_a_number_that_is_not_whole_is_refused_in_one_line(field, value):
    with pytest.raises(ValueError, match=f"^recipe: {field} is {value}, expected a whole number$"):
        replace(RECIPE, **{field: value})


PINNED = {
    "plain": "2d8054c0ee50b3023872",
    "augmented": "a6592e8859733ce19f26",
    "mobile": "6cd53b939fb43b810650",
}
IDENTITIES = {
    "plain": (ARCHITECTURE, RECIPE, 0, "dataset"),
    "augmented": (ARCHITECTURES["block"], replace(RECIPE, augmentation=("flip", "crop"), target="rotation"), 3, "data"),
    "mobile": (replace(ARCHITECTURE, block="mb", group_widths=(1, 1)), replace(RECIPE, precision="bf16"), 1, "data"),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_keys_stay_the_same_between_versions_of_the_project(name):
    assert run_key(*IDENTITIES[name]) == PINNED[name]


CHANGED = {
    "loss": "binary_cross_entropy",
    "optimiser": "adamw",
    "schedule": {"name": "cosine", "final": 0.1},
    "weight_decay_on": "weights",
    "gradient_norm": 1.0,
    "mixing": ["mixup"],
    "drop_path": 0.1,
    "dropout": 0.1,
    "precise_batch_norm": 64,
}


def test_what_recipes_learned_later_is_in_the_key_where_it_says_something_new():
    assert run_key(ARCHITECTURE, replace(RECIPE, **ADDED_LATER), 0, "dataset") == KEY
    assert set(CHANGED) == set(ADDED_LATER)
    keys = {run_key(ARCHITECTURE, replace(RECIPE, **{name: value}), 0, "dataset") for name, value in CHANGED.items()}
    assert len({KEY} | keys) == 1 + len(CHANGED)


@laws
@given(architectures(), architectures())
def test_keys_are_equal_exactly_for_equal_architectures(one, other):
    assert (run_key(one, RECIPE, 0, "dataset") == run_key(other, RECIPE, 0, "dataset")) == (one == other)


@pytest.mark.parametrize("field, first", [("optimiser", "sgd"), ("loss", "cross_entropy"), ("schedule", "cosine")])
def test_parts_of_training_that_users_bring_are_in_the_key(plugins, field, first):
    plugins("another", f"{field.upper()} = None")
    changed = replace(RECIPE, **{field: "another"})
    assert set(asdict(RECIPE)) - set(RECIPES) == set(ADDED_LATER)
    assert changed.to_dict()[field] == "another" and field not in RECIPE.to_dict()
    assert plugin_digests("x", asdict(changed)).keys() == {"another"}
    assert run_key(ARCHITECTURE, changed, 0, "dataset") != KEY


# ---- Networks that are drawn twice -----------------------------------------------------------------------------------


def test_a_network_that_is_drawn_twice_is_two_runs_and_the_first_keeps_its_key():
    drawn = sample(definition("RegNetV"), {"flops": [1e5, 2.5e5]}, 0, range(60))
    keys = run_keys(drawn, {"epochs": 2}, 7, "dataset")
    assert max(drawn.repetitions()) > 0 and len(set(keys)) == 60
    for row, repetition in enumerate(drawn.repetitions()):
        seed = 7 + 2**32 * repetition
        assert keys[row] == run_key(drawn.architectures.row(row), Recipe(epochs=2), seed, "dataset")
    fewer = sample(definition("RegNetV"), {"flops": [1e5, 2.5e5]}, 0, range(30))
    assert run_keys(fewer, {"epochs": 2}, 7, "dataset") == keys[:30]


# ---- Fields that are added later -------------------------------------------------------------------------------------


def test_a_field_that_was_added_later_is_left_out_where_it_says_nothing_new(monkeypatch):
    monkeypatch.setattr(recipes, "ADDED_LATER", {"label_smoothing": 0.1})
    old = replace(RECIPE, label_smoothing=0.1)
    assert "label_smoothing" not in old.to_dict()
    assert replace(RECIPE, label_smoothing=0.0).to_dict()["label_smoothing"] == 0.0


def test_a_record_without_a_field_that_was_added_later_means_what_it_was_trained_with(monkeypatch):
    monkeypatch.setattr(recipes, "ADDED_LATER", {"label_smoothing": 0.1})  # while the default is 0 today
    recipe = Recipe.from_record({"epochs": 2, "learning_rate": 0.1})
    assert recipe == replace(RECIPE, label_smoothing=0.1)
    assert Recipe.from_dict({"epochs": 2, "learning_rate": 0.1}) == RECIPE
    assert key_of(recipe.to_dict()) != key_of(RECIPE.to_dict())


@pytest.mark.parametrize("name, value", RECIPES.items())
def test_a_recipe_comes_back_from_its_record(name, value):
    recipe = replace(RECIPE, **{name: value})
    assert Recipe.from_record(json.loads(json.dumps(recipe.to_dict()))) == recipe


# ---- Plug-ins --------------------------------------------------------------------------------------------------------


def test_the_digest_of_a_plug_in_is_in_the_keys_of_only_those_runs_that_use_it(plugins):
    text = (SCRIPTS / "netspaces" / "networks" / "blocks" / "x.py").read_text().replace('name = "x"', 'name = "ghost"')
    plugin = plugins("ghost", text)
    haunted = replace(ARCHITECTURE)
    object.__setattr__(haunted, "block", "ghost")
    assert plugin_digests("x", asdict(RECIPE)) == {} and run_key(ARCHITECTURE, RECIPE, 0, "dataset") == KEY
    assert run_identity(haunted, RECIPE, 0, "dataset")["plugins"] == {"ghost": plugin.digest}
    key = run_key(haunted, RECIPE, 0, "dataset")
    forget_plugins()
    plugins("ghost", text + "# a comment\n")
    assert run_key(haunted, RECIPE, 0, "dataset") == key
    forget_plugins()
    plugins("ghost", text + "FACTOR = 2\n")
    assert run_key(haunted, RECIPE, 0, "dataset") != key


# ---- What changes no key ---------------------------------------------------------------------------------------------

COMPUTE = """
import sys
sys.path.insert(0, sys.argv[1])
from netspaces.networks.architecture import Architecture
from netspaces.training.recipe import Recipe
from netspaces.training.store import run_key
architecture = Architecture("x", "cifar", 8, 8, 0.25, (1, 2), (16, 24), (1.0, 2.0), (8, 4), (1, 2))
print(run_key(architecture, Recipe(epochs=2, learning_rate=0.1), 0, "dataset"))
"""


def edited(path: Path) -> str:
    """A module's source with another docstring, a comment at its end, and another name for a local."""
    text = path.read_text().replace('"""', '"""Edited: ', 1)
    return text.replace("identity", "renamed") + "\n# a comment\n"


def test_comments_docstrings_names_of_locals_and_a_block_more_change_no_key(tmp_path):
    library = Path(shutil.copytree(SCRIPTS / "netspaces", tmp_path / "netspaces"))
    for package in ("networks", "training", "data"):
        for path in (library / package).rglob("*.py"):
            path.write_text(edited(path))
    blocks = library / "networks" / "blocks"
    shutil.copy(blocks / "x.py", blocks / "ghost.py")
    command = [sys.executable, "-c", COMPUTE, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.split() == [KEY]


# ---- Adoption --------------------------------------------------------------------------------------------------------


def former(**changes) -> dict:
    """A record as it was written before runs had a training version."""
    content = {
        "architecture": ARCHITECTURE.to_dict(),
        "complexity": {"flops": 100, "params": 10, "activations": 5, "activations_all": 6},
        "recipe": {name: getattr(RECIPE, name) for name in RECIPES} | {"augmentation": []},
        "seed": 0,
        "dataset": "dataset",
        "digest": FORMER_SOURCES,
        "status": "finished",
        "error": 12.0,
        "error_min": 12.0,
        "error_selected": None,
        "epochs": [{"train_loss": 1.5, "train_error": 30.0, "test_error": 12.0}] * 2,
        "diverged_in_epoch": None,
        "diverged_in_step": None,
        "seconds": 3.5,
        "images_per_second": 1000.0,
        "peak_memory_mb": 300.0,
        "device": "x86_64 AVX2",
    } | changes
    identity = [content[name] for name in ("architecture", "recipe", "seed", "dataset", "digest")]
    return {"key": key_of(identity)} | content


def write(folder: Path, record: dict) -> Path:
    path = folder / f"{record['key']}.json"
    path.write_text(json.dumps(record))
    return path


def test_keys_of_the_former_kind_are_those_of_the_sources_before():
    record = former(recipe={"epochs": 2, "learning_rate": 0.1, "nesterov": True}, digest="digest")
    assert record["key"] == "413c23f7244315dadf37"  # which the tests of those sources pinned


def test_an_adopted_record_has_the_key_of_today_and_the_results_of_before(tmp_path):
    record = former()
    write(tmp_path, record)
    assert adopt_runs(tmp_path) == store.Adoption(adopted=1, already_new=0, of_other_sources=0, damaged=())
    assert [path.name for path in tmp_path.iterdir()] == [f"{KEY}.json"]
    adopted = read_record(tmp_path / f"{KEY}.json")
    assert adopted["training_version"] == 1 and "digest" not in adopted
    assert adopted["adopted_from"] == {"key": record["key"], "digest": FORMER_SOURCES}
    assert {name: adopted[name] for name in record if name not in ("key", "digest")} == {
        name: value for name, value in record.items() if name not in ("key", "digest")
    }


def test_adopted_runs_are_of_version_1_whatever_the_version_of_today(monkeypatch):
    monkeypatch.setattr(store, "TRAINING_VERSION", 2)
    assert adopt(former())["training_version"] == 1 and adopt(former())["key"] == KEY


def test_runs_of_other_sources_new_ones_and_damaged_ones_stay_as_they_are(tmp_path):
    other, new, torn = former(digest="1234"), adopt(former(seed=1)), former(seed=2)
    torn["error"] = None
    changed = former(seed=3) | {"seed": 4}
    paths = [write(tmp_path, record) for record in (other, new, torn, changed)]
    empty = tmp_path / "empty.json"
    empty.write_text("")
    before = {path: path.read_bytes() for path in (*paths, empty)}
    adoption = adopt_runs(tmp_path)
    assert (adoption.adopted, adoption.already_new, adoption.of_other_sources, adoption.sealed) == (0, 1, 1, 1)
    assert read_record(paths[1]) == new and "digest" in json.loads(paths[1].read_text())  # which it did not have
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before | {paths[1]: paths[1].read_bytes()}
    assert adopt_runs(tmp_path).sealed == 0
    assert len(adoption.damaged) == 3
    for line in (
        f"{paths[2]} is damaged (error is None",
        f"{paths[3]} is damaged (key is ",
        f"{empty} is damaged (not",
    ):
        assert any(damage.startswith(line) for damage in adoption.damaged)
    text = str(adoption)
    assert text.startswith(
        "0 runs adopted, 1 have their new key already, 1 of other sources left as they are, 1 got a digest\nleft out: "
    )


def test_only_records_of_the_last_former_sources_can_be_adopted():
    assert is_adoptable(former())
    assert not is_adoptable(former(digest="1234")) and not is_adoptable(adopt(former()))


def test_a_record_whose_key_is_not_that_of_its_contents_is_refused():
    with pytest.raises(
        RecordError, match=r"^runs/a.json is damaged \(key is .*, its contents have .*\): remove it, and"
    ):
        adopt(former() | {"dataset": "another"}, "runs/a.json")


def test_a_run_that_was_trained_since_is_kept(tmp_path):
    newer = adopt(former(seconds=50.0))
    write(tmp_path, newer)
    write(tmp_path, former())
    assert adopt_runs(tmp_path).adopted == 1
    assert [path.name for path in tmp_path.iterdir()] == [f"{KEY}.json"]
    assert read_record(tmp_path / f"{KEY}.json") == newer


def test_a_damaged_file_under_the_new_key_costs_no_run(tmp_path):
    write(tmp_path, former())
    (tmp_path / f"{KEY}.json").write_text("")
    assert adopt_runs(tmp_path).adopted == 1
    assert [path.name for path in tmp_path.iterdir()] == [f"{KEY}.json"]
    assert read_record(tmp_path / f"{KEY}.json")["adopted_from"]["digest"] == FORMER_SOURCES


def test_what_is_no_file_or_no_record_does_not_keep_others_from_being_adopted(tmp_path):
    (tmp_path / "a_folder.json").mkdir()
    (tmp_path / "dangling.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    write(tmp_path, former())
    adoption = adopt_runs(tmp_path)
    assert adoption.adopted == 1 and len(adoption.damaged) == 3
    assert all(line.startswith(str(tmp_path)) and "expected a run record" in line for line in adoption.damaged)

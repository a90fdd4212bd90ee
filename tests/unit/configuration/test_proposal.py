"""The preset that is proposed for images: it loads, is short, and says why."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import yaml
from helpers.configurations import CONFIG
from helpers.planning import plan_in_process
from netspaces.configuration.loading import load
from netspaces.configuration.proposal import propose, settings_of, text_of
from netspaces.data.inspection import Found
from netspaces.networks.complexity import complexity
from netspaces.spaces.sampling import sample
from netspaces.spaces.space import Space

OWN = {"name": "imagefolder", "folder": "photos", "test_fraction": 0.2, "seed": 0}
FEW = Found(OWN, [16] * 10, 40, [30, 40, 50], False, 3, [])
MANY = replace(FEW, per_class=[5000] * 9, test=10_000)
ARRAYS = Found({"name": "npz", "file": "own.npz"}, [2000, 1000], 500, [28], True, 1, [])


@pytest.mark.parametrize("has_gpu", [True, False])
@pytest.mark.parametrize("found", [FEW, MANY, ARRAYS], ids=["few", "many", "arrays"])
def test_the_file_loads_plans_and_is_short(tmp_path, found, has_gpu):
    folder = shutil.copytree(CONFIG, tmp_path / "config")
    choices = propose(found, "mine", folder, has_gpu)
    text = text_of(choices)
    assert len(text.splitlines()) <= 30 and yaml.safe_load(text) == settings_of(choices)
    (folder / "presets" / "mine.yaml").write_text(text)
    configuration = load({"preset": "mine"}, folder)
    plan_in_process(configuration)
    assert configuration.settings["device"] == ("cuda" if has_gpu and found is not FEW else "cpu")
    short = configuration.settings["recipes"]["short"]
    assert short["epochs"] * (found.train // short["batch_size"]) >= 200
    for population in configuration.run_populations:
        of = configuration.populations[population]
        assert len(sample(of.definition, of.regime, 0, range(2)).indices) == 2


@pytest.mark.parametrize(("found", "expected"), [(FEW, "digits"), (MANY, "cifar10"), (ARRAYS, "cifar10")])
def test_the_nearest_preset_is_extended(found, expected):
    assert settings_of(propose(found, "mine", CONFIG, False))["extends"] == expected


@pytest.mark.parametrize(
    ("sides", "fixed", "expected"),
    [
        ([6], False, 8),
        ([28], False, 32),
        ([24], False, 16),
        ([48, 51, 900], False, 32),
        ([400], False, 64),
        ([28], True, 28),
    ],
)
def test_images_are_hardly_enlarged(sides, fixed, expected):
    dataset = settings_of(propose(replace(FEW, sides=sides, fixed=fixed), "mine", CONFIG, False))["dataset"]
    assert dataset == OWN | {"resolution": expected, "channels": 3, "classes": 10}


def test_regimes_lie_at_the_same_quantiles_of_sampled_flops():
    settings = settings_of(propose(FEW, "mine", CONFIG, False))
    shares = []
    for given in ({"preset": "digits"}, settings):
        configuration = load(given, CONFIG)
        space = Space.from_definition(configuration.spaces["AnyNetX_A"])
        uniforms = np.random.default_rng(1).random((20_000, space.uniforms_per_draw))
        flops = complexity(space.build(space.draw(uniforms))[1], space.channels, space.classes).columns()["flops"]
        shares.append((flops <= configuration.settings["regimes"]["base"]["flops"][1]).mean())
    assert shares[0] == pytest.approx(shares[1], abs=0.02)


def test_small_batches_get_small_learning_rates():
    short = settings_of(propose(FEW, "mine", CONFIG, False))["recipes"]["short"]
    assert short == {"epochs": 20, "batch_size": 16, "learning_rate": 0.0125}


def test_augmentations_for_other_channels_are_left_out():
    recipes = settings_of(propose(replace(ARRAYS, channels=2), "mine", CONFIG, True))["recipes"]
    assert recipes["other"]["augmentation"] == ["crop", "flip"] and "augmentation" not in recipes["short"]


def test_whatever_the_folder_is_called_the_file_says_it(tmp_path):
    place = 'my "photos": #1, {a}\u00e9'
    choices = propose(replace(FEW, dataset=OWN | {"folder": place}), "mine", CONFIG, False)
    assert yaml.safe_load(text_of(choices))["dataset"]["folder"] == place

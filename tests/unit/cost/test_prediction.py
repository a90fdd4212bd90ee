"""Predicted cost: never nothing, more for more work, and of memory for more values."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.cost.coefficients import DEFAULTS
from netspaces.cost.prediction import Predictor, work
from netspaces.data.image_counts import ImageCounts

IMAGES = ImageCounts(900, 300)
DATASET = {"name": "digits", "resolution": 8, "channels": 1, "classes": 10, "test_fraction": 0.5}
laws = settings(deadline=None, max_examples=50)
network = st.fixed_dictionaries(
    {
        "flops": st.integers(1, 10**10),
        "params": st.integers(1, 10**8),
        "activations": st.integers(1, 10**8),
        "depth": st.integers(1, 64),
        "resolution": st.integers(1, 256),
    }
)
recipes = st.fixed_dictionaries({"epochs": st.integers(1, 100), "batch_size": st.integers(1, 2000)})


def predictor(device: str = "cpu", images: ImageCounts = IMAGES, **coefficients) -> Predictor:
    return Predictor(device, DATASET, images, replace(DEFAULTS[device], **coefficients))


def columns(network: dict) -> dict:
    return {name: np.array([value]) for name, value in network.items()}


@laws
@given(network, recipes, st.sampled_from(list(DEFAULTS)))
def test_a_prediction_is_never_nothing(network, recipe, device):
    found = predictor(device)
    assert found.seconds(columns(network), recipe)[0] >= DEFAULTS[device].per_run > 0
    assert found.host_mb(columns(network), recipe)[0] > 300
    assert found.device_mb(columns(network), recipe)[0] > 0
    assert 0 < found.disk_mb(1, recipe) < found.disk_mb(1, recipe, kept=1)


@laws
@given(network, recipes, st.sampled_from(list(DEFAULTS)), st.sampled_from(["flops", "activations", "depth"]))
def test_more_work_takes_no_less_time(network, recipe, device, name):
    found = predictor(device)
    seconds = found.seconds(columns(network), recipe)
    assert found.seconds(columns(network | {name: 2 * network[name]}), recipe) >= seconds
    assert found.seconds(columns(network), recipe | {"epochs": recipe["epochs"] + 1}) > seconds
    more = predictor(device, ImageCounts(IMAGES.train + 2000, IMAGES.test + 100))
    assert more.seconds(columns(network), recipe) > seconds


@laws
@given(network, recipes, st.sampled_from(list(DEFAULTS)))
def test_memory_grows_with_parameters_and_activations(network, recipe, device):
    found, large = predictor(device), network | {name: 4 * network[name] for name in ("params", "activations")}
    assert found.device_mb(columns(large), recipe) > found.device_mb(columns(network), recipe)
    assert found.host_mb(columns(large), recipe) >= found.host_mb(columns(network), recipe)


def test_work_counts_what_a_recipe_does():
    found = work({"flops": 10, "activations": 2, "depth": 3}, {"epochs": 4, "batch_size": 90}, IMAGES)
    assert found["per_flop"] == pytest.approx(10 * 4 * (900 + 300 / 3))  # a test image costs a forward pass
    assert found["per_activation"] == pytest.approx(2 * 4 * 1000)
    assert found["per_block"] == 3 * 4 * 10


def test_bf16_halves_the_traffic_on_a_gpu_and_nothing_on_a_cpu():
    network = columns({"flops": 10**9, "activations": 10**7, "depth": 20})
    for device, share in (("cpu", 1), ("cuda", 0.5)):
        found = predictor(device, per_flop=0, per_block=0, per_run=0)
        fp32, bf16 = (found.seconds(network, {"epochs": 1, "precision": p})[0] for p in ("fp32", "bf16"))
        assert bf16 == pytest.approx(share * fp32)


def test_a_prediction_takes_the_slower_precision_for_auto():
    network = columns({"flops": 10**9, "activations": 10**7, "depth": 20})
    auto, fp32 = (predictor("cuda").seconds(network, {"epochs": 1, "precision": p}) for p in ("auto", "fp32"))
    assert auto == fp32

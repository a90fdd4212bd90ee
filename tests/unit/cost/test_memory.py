"""Predicted memory of a GPU: of each network of a job, and of its images once."""

from types import SimpleNamespace

import pytest
from helpers.small_runs import ARCHITECTURE
from netspaces.cost.memory import task_of
from netspaces.cost.prediction import PER_ACTIVATION, PER_PARAMETER
from netspaces.training.share import Network

IMAGES = {"train_images": 1000, "test_images": 500, "resolution": 8, "channels": 3, "classes": 4}


def job(device: str, **recipe) -> tuple[SimpleNamespace, list[Network]]:
    """The engine's object of a training job whose dataset is not prepared, and two networks."""
    config = {"threads_per_network": 1, "networks_at_once": 8, "checkpoint_seconds": 60, "keep_weights": "none"}
    sizes = [{"flops": 1, "params": 4000, "activations": each} for each in (5000, 9000)]
    return (
        SimpleNamespace(
            input=SimpleNamespace(dataset="results/x/target_dataset/meta.json"),
            params=SimpleNamespace(store="runs", device=device),
            threads=1,
            config=config | {"data_on_device": "auto", "target_dataset": {"name": "cifar10"} | IMAGES},
        ),
        [Network(index, ARCHITECTURE, size, {"epochs": 1} | recipe) for index, size in enumerate(sizes)],
    )


@pytest.mark.parametrize("batch", [50, 100])
def test_a_network_takes_its_activations_and_parameters_and_images_count_once(batch):
    of, networks = job("cuda", batch_size=batch, augmentation=["flip"])
    task = task_of(of, networks, 0)
    expected = [(each.complexity["activations"] * batch * PER_ACTIVATION + 4000 * PER_PARAMETER) for each in networks]
    assert [network.device_mb * 2**20 for network in task.networks] == pytest.approx(expected)
    stored, floats = 1000 * 8 * 8 * 3, 500 * 4 * ARCHITECTURE.resolution**2 * 3
    assert task.images_mb * 2**20 == pytest.approx(stored + floats)


def test_on_a_cpu_nothing_is_predicted():
    assert all(network.device_mb == 0 for network in task_of(*job("cpu"), 0).networks)

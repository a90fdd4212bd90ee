"""Memory that does not hold a network, for real."""

from functools import partial

import pytest
import torch
from helpers.gpu_runs import DATASET, KINDS, RECIPE
from helpers.small_runs import COMPLEXITY
from netspaces.training.device import free_memory
from netspaces.training.lanes import Lanes
from netspaces.training.room import MIB, Predicted, Room
from netspaces.training.train import train_network, training


def train(folder, **recipe) -> dict:
    return train_network(KINDS["x"], COMPLEXITY, RECIPE | recipe, 0, DATASET, folder, "cuda")


@pytest.mark.usefixtures("on_gpu")
@pytest.mark.filterwarnings("ignore:.*out of memory, starts over")
@pytest.mark.parametrize("share", [0.7, 0.4])
def test_a_network_that_memory_does_not_hold_is_trained_in_parts(tmp_path, share):
    whole = train(tmp_path / "whole", batch_size=256)
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(share * whole["peak_memory_mb"] * 2**20 / total)
    try:
        in_parts = train(tmp_path / "parts", batch_size=256)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
        torch.cuda.empty_cache()
    assert in_parts["accumulation"] > whole["accumulation"] == 1
    assert train(tmp_path / "afterwards", batch_size=256)["epochs"] == whole["epochs"]
    torch.cuda.empty_cache()
    assert torch.cuda.memory_allocated() < 64 * 2**20  # nothing of the attempts is left


def test_networks_that_are_predicted_not_to_fit_together_train_one_after_another(tmp_path, device, capsys):
    names = list(KINDS)[:3]
    each = 0.6 * free_memory(torch.device(device)) / MIB
    together = Lanes(device, Room(Predicted(dict.fromkeys(names, each)), partial(free_memory, torch.device(device))))
    for name in names:
        given = (KINDS[name], COMPLEXITY, RECIPE, 0, DATASET, tmp_path, device, lambda: False, 60.0, 0.5)
        together.begin(name, partial(training, *given))
    ended = []
    while together.active:
        ended += together.round()
        assert len(together.room.inside) <= 1
    assert [each.name for each in ended if each.error is None] == names
    assert capsys.readouterr().out.count(" trains; ") == 2

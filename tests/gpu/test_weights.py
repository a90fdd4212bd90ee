"""Weights that a GPU trained: the network comes back and has the error of its record again."""

import netspaces
import pytest
import torch
from helpers.gpu_runs import DATASET, KINDS, LAYOUTS, PRECISIONS, RECIPE
from helpers.loaded import error_on_the_test_split
from helpers.small_runs import COMPLEXITY
from netspaces.training.device import set_up_device
from netspaces.training.train import train_network


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("kind, recipe", [("x", {}), ("x", {"ema_decay": 0.9}), ("mb", {})])
def test_a_network_comes_back_with_the_error_of_its_record(tmp_path, device, kind, recipe, precision, layout):
    values = RECIPE | {"precision": precision, "layout": layout} | recipe
    record = train_network(KINDS[kind], COMPLEXITY, values, 0, DATASET, tmp_path, device, keep_weights=True)
    network = netspaces.load_network(tmp_path / f"{record['key']}.json")
    assert {value.device.type for value in network.parameters()} == {"cpu"}
    assert {value.dtype for value in network.parameters()} == {torch.float32}
    set_up_device(device, precision)
    assert error_on_the_test_split(network, record, DATASET, device) == record["error"]

"""Torchvision's networks: the same architectures, the same weights, the same outputs."""

import re

import pytest
import torch
from helpers.strategies import published
from netspaces.data.torchvision_import import import_torchvision
from netspaces.networks.modules import build
from netspaces.published.torchvision_weights import PARAMETERS, from_torchvision, torchvision_architecture

MODELS = published()
PUBLISHED_NAMES = {
    name: f"RegNet{letter}-{size}"
    for name, letter, size in [
        ("regnet_x_800mf", "X", "800MF"),
        ("regnet_x_1_6gf", "X", "1.6GF"),
        ("regnet_x_3_2gf", "X", "3.2GF"),
        ("regnet_x_8gf", "X", "8.0GF"),
        ("regnet_x_16gf", "X", "16GF"),
        ("regnet_x_32gf", "X", "32GF"),
        ("regnet_y_400mf", "Y", "400MF"),
        ("regnet_y_1_6gf", "Y", "1.6GF"),
        ("regnet_y_3_2gf", "Y", "3.2GF"),
        ("regnet_y_16gf", "Y", "16GF"),
        ("regnet_y_32gf", "Y", "32GF"),
    ]
}


@pytest.fixture(scope="module")
def models():
    return import_torchvision().models


def randomise(network: torch.nn.Module, seed: int) -> torch.nn.Module:
    """Give every value of the network, batch-norm statistics included, a random one; in evaluation mode."""
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1, generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
            torch.nn.init.normal_(module.weight, 1, 0.1, generator=generator)
            torch.nn.init.normal_(module.bias, 0, 0.1, generator=generator)
    return network.eval()


def assert_same_function(ours: torch.nn.Module, theirs: torch.nn.Module) -> None:
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = theirs(images)
        assert expected.std() > 0.01
        torch.testing.assert_close(ours.eval()(images), expected, rtol=1e-6, atol=1e-6)


# ---- RegNets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PARAMETERS)
def test_architectures_are_torchvisions(name, models, monkeypatch):
    monkeypatch.setattr(models.regnet, "RegNet", lambda block_parameters, **_: block_parameters)  # builds nothing
    theirs, ours = getattr(models, name)(), torchvision_architecture(name)
    assert ours.depths == tuple(theirs.depths)
    assert ours.widths == tuple(theirs.widths)
    assert ours.group_widths == tuple(theirs.group_widths)
    assert ours.strides == tuple(theirs.strides)
    assert ours.se_ratio == (theirs.se_ratio or 0.0)


def test_all_regnets_of_torchvision_are_known(models):
    assert set(PARAMETERS) == {name for name in dir(models) if re.fullmatch(r"regnet_[xy]_\w+", name)}


def test_torchvision_widens_three_of_the_published_models():
    published_too = {
        name for name, ours in PUBLISHED_NAMES.items() if torchvision_architecture(name) == MODELS[ours].architecture
    }
    assert published_too == set(PUBLISHED_NAMES)
    assert set(PARAMETERS) - published_too == {"regnet_x_400mf", "regnet_y_800mf", "regnet_y_8gf", "regnet_y_128gf"}


@pytest.mark.parametrize("name", ["regnet_x_400mf", "regnet_x_1_6gf", "regnet_y_400mf", "regnet_y_800mf"])
def test_torchvisions_weights_give_torchvisions_outputs(name, models):
    theirs = randomise(getattr(models, name)(), seed=1)
    ours = build(torchvision_architecture(name))
    ours.load_state_dict(from_torchvision(theirs.state_dict()))
    assert_same_function(ours, theirs)


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="regnet_z_400mf"):
        torchvision_architecture("regnet_z_400mf")


@pytest.mark.parametrize(
    "key",
    ["layer1.0.conv4.weight", "trunk_output.block1.block2-0.f.a.0.weight", "trunk_output.block1.block1-0.f.d.weight"],
)
def test_unexpected_keys_are_named(key):
    with pytest.raises(ValueError, match=re.escape(key)):
        from_torchvision({"stem.0.weight": 0, key: 0})


# ---- ResNets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "ours"), [("resnet50", "ResNet-50"), ("resnext50_32x4d", "ResNeXt-50")])
def test_resnets_give_torchvisions_outputs(name, ours, models):
    theirs = randomise(getattr(models, name)(), seed=2)
    ours = build(MODELS[ours].architecture)
    ours.load_state_dict(from_torchvision(theirs.state_dict()))
    assert_same_function(ours, theirs)

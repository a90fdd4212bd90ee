"""Networks: what they cost when run, what their blocks compute, how they start, and that they train."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers.strategies import architectures, published
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.networks.architecture import Architecture, Architectures
from netspaces.networks.block import Shape
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.complexity import complexity
from netspaces.networks.modules import BatchNorm, BlockModule, SqueezeExcite, build, initialise
from netspaces.networks.stems import STEMS
from torch import nn

laws = settings(deadline=None, derandomize=True, max_examples=150)
MODELS = published()
SMALL = Architecture("x", "simple", 8, 16, 0.25, (1, 2), (16, 24), (1.0, 2.0), (8, 4), (2, 2))


def small(block: str, stem: str = "simple") -> Architecture:
    """A network of two stages made of one kind of block."""
    if block in ("v", "vr"):
        return replace(SMALL, block=block, stem=stem, se_ratio=0.0, bottlenecks=(1.0, 1.0), group_widths=(1, 1))
    if block == "mb":
        return replace(SMALL, block=block, stem=stem, bottlenecks=(1.0, 0.25), group_widths=(1, 1), kernels=(3, 5))
    return replace(SMALL, block=block, stem=stem, group_widths=(16, 12) if block == "r" else (8, 4))


def one_block(kind: str, inputs: int, width: int, stride: int, bottleneck: float = 1.0, group_width: int = 1):
    """A block on its own."""
    shape = Shape(
        inputs=inputs,
        width=width,
        stride=stride,
        bottleneck=bottleneck,
        group_width=group_width,
        kernel=3,
        se_ratio=0.25 if kind in ("x", "mb") else 0.0,
    )
    return BlockModule(BLOCKS[kind], shape, "relu")


def parameter_count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


# ---- Cost ------------------------------------------------------------------------------------------------------------


def measure(network: nn.Module, images: torch.Tensor) -> dict[str, int]:
    """Flops, parameters and activations of one image, as hooks see them."""
    totals = dict(flops=0, params=parameter_count(network), activations=0, activations_all=0)

    def count(module, inputs, output):
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            totals["flops"] += output.numel() * (module.weight[0].numel() + (module.bias is not None))
        totals["activations"] += output.numel() if isinstance(module, nn.Conv2d) else 0
        totals["activations_all"] += output.numel()

    hooks = [
        m.register_forward_hook(count) for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Linear, nn.MaxPool2d))
    ]
    with torch.no_grad():
        network.eval()(images)
    for hook in hooks:
        hook.remove()
    return totals


@laws
@given(architectures(), st.sampled_from([1, 3]), st.integers(1, 12))
def test_running_a_network_costs_what_the_closed_form_says(architecture, channels, classes):
    resolution = architecture.resolution
    network = build(architecture, channels, classes)
    expected = complexity(Architectures.from_rows([architecture]), channels, classes).columns()
    measured = measure(network, torch.zeros(1, channels, resolution, resolution))
    assert measured == {name: column.item() for name, column in expected.items()}


@pytest.mark.parametrize(
    "name",
    ["RegNetX-400MF", "RegNetX-12GF", "RegNetY-200MF", "RegNetY-3.2GF", "ResNet-50", "ResNeXt-50"]
    + ["EfficientNet-B0", "EfficientNet-B2", "EfficientNet-B5"],
)
def test_published_models_cost_what_was_published(name):
    model = MODELS[name]
    network = build(model.architecture).to("meta")
    resolution = model.architecture.resolution
    measured = measure(network, torch.zeros(1, 3, resolution, resolution, device="meta"))
    assert measured["flops"] == model.flops
    assert measured["params"] == model.params
    assert measured["activations_all"] == model.activations_all


def test_the_resolution_shapes_no_module():
    shapes = [
        {name: value.shape for name, value in build(replace(SMALL, resolution=resolution)).state_dict().items()}
        for resolution in (8, 224)
    ]
    assert shapes[0] == shapes[1]


# ---- Structure -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stem", STEMS)
def test_stems_reduce_the_resolution(stem):
    stem_of = build(small("x", stem)).stem
    reduced = {"simple": 16, "cifar": 32, "resnet": 8}[stem]
    assert stem_of(torch.zeros(2, 3, 32, 32)).shape == (2, 8, reduced, reduced)


def test_modules_have_readable_names():
    names = {name.rpartition(".")[0] for name in build(SMALL).state_dict()}
    assert {"stem.0", "stages.0.0.reduce.0", "stages.0.0.conv.0", "stages.0.0.expand.1", "head"} <= names
    assert {"stages.1.1.se.squeeze", "stages.1.1.se.excite", "stages.1.0.projection.0"} <= names


@pytest.mark.parametrize("kind", ["v", "vr", "x", "mb"])
def test_the_stride_of_a_block_sits_in_its_3x3(kind):
    module = one_block(kind, 4, 4, 2, bottleneck=0.5, group_width=1 if kind == "mb" else 4)
    convolutions = [layer for layer in module.modules() if isinstance(layer, nn.Conv2d) and layer.kernel_size == (3, 3)]
    assert [layer.stride for layer in convolutions] == [(2, 2)]
    if kind in ("x", "mb"):
        assert module.reduce[0].stride == module.expand[0].stride == (1, 1)


@pytest.mark.parametrize(("width_in", "stride", "projected"), [(8, 1, False), (8, 2, True), (4, 1, True)])
def test_the_shortcut_is_projected_only_where_the_shape_changes(width_in, stride, projected):
    for module in (one_block("vr", width_in, 8, stride), one_block("x", width_in, 8, stride, group_width=8)):
        assert isinstance(module.projection, nn.Identity) != projected
        if projected:
            assert module.projection[0].kernel_size == (1, 1)
            assert module.projection[0].stride == (stride, stride)


def test_groups_follow_from_bottleneck_and_group_widths():
    stages = build(SMALL).stages
    assert [stages[0][0].conv[0].groups, stages[1][0].conv[0].groups] == [2, 3]
    assert build(small("r")).stages[1][0].conv[0].groups == 1


def test_a_mobile_block_expands_its_input_and_is_depthwise():
    first, later = build(small("mb")).stages[1]  # 16 to 24 channels with stride 2, then 24 to 24; b is 1/4
    for block, width_in in ((first, 16), (later, 24)):
        assert (block.expand[0].in_channels, block.expand[0].out_channels) == (width_in, 4 * width_in)
        assert block.conv[0].groups == block.conv[0].out_channels == 4 * width_in
        assert block.conv[0].kernel_size == (5, 5)
        assert block.se.squeeze.out_channels == width_in // 4
        assert len(block.reduce) == 2, "linear"
    assert isinstance(build(small("mb")).stages[0][0].expand, nn.Identity), "b is 1"


@pytest.mark.parametrize(("width_in", "stride", "residual"), [(8, 1, True), (8, 2, False), (4, 1, False)])
def test_a_mobile_block_is_residual_where_it_needs_no_projection(width_in, stride, residual):
    block = one_block("mb", width_in, 8, stride, bottleneck=0.5).eval()
    assert block.residual == residual
    initialise(block, torch.Generator().manual_seed(0))
    nn.init.zeros_(block.reduce[0].weight)
    images = torch.randn(2, width_in, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(block(images), images if residual else torch.zeros(2, 8, 4 // stride, 4 // stride))


def test_the_head_convolution_comes_before_pooling():
    network = build(replace(SMALL, head_width=40), classes=5)
    assert network.last[0].weight.shape == (40, 24, 1, 1) and network.head.in_features == 40
    assert isinstance(build(SMALL).last, nn.Identity)


@pytest.mark.parametrize("kind", BLOCKS)
def test_the_activation_is_used_everywhere(kind):
    network = build(replace(small(kind), activation="silu", head_width=8))
    counts = [sum(isinstance(m, a) for m in network.modules()) for a in (nn.SiLU, nn.ReLU)]
    relus = sum(isinstance(m, nn.ReLU) for m in build(replace(small(kind), head_width=8)).modules())
    assert counts == [relus, 0] and relus >= 2
    images = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    assert (network.eval().stages(network.stem(images)) < 0).any()


@pytest.mark.parametrize(("stem_width", "squeezed"), [(8, 2), (10, 2), (14, 4)])  # 2.5 and 3.5 go to the even
def test_squeeze_follows_the_block_input_width(stem_width, squeezed):
    first = build(replace(SMALL, stem_width=stem_width)).stages[0][0]
    assert first.se.squeeze.out_channels == squeezed
    assert first.se.squeeze.in_channels == 16


def test_no_squeeze_and_excitation_without_a_ratio_or_with_one_that_rounds_to_nothing():
    for without in (
        build(replace(SMALL, se_ratio=0.0)),
        build(replace(SMALL, stem_width=2, depths=(1, 1), se_ratio=0.02)),
    ):
        assert not any(isinstance(module, SqueezeExcite) for module in without.modules())


@pytest.mark.parametrize("change", [dict(group_widths=(5, 4)), dict(block="r", group_widths=(8, 12)), dict(block="mb")])
def test_groups_that_do_not_fit_are_refused(change):
    with pytest.raises(ValueError, match="group width of stage 1"):
        build(replace(SMALL, **change))


# ---- What blocks compute ---------------------------------------------------------------------------------------------


def silenced(block: nn.Module) -> nn.Module:
    """The block with nothing on its residual branch: its last 3x3 or 1x1 convolution at zero."""
    last = block.expand[0] if hasattr(block, "expand") else block.conv[0]
    nn.init.zeros_(last.weight)
    return block.eval()


def middle_block(kind: str) -> nn.Module:
    """A block of stride 1 whose input and output have 24 channels."""
    return build(small(kind)).stages[1][1]


@pytest.mark.parametrize("kind", ["x", "r", "vr"])
def test_residual_blocks_without_weights_are_their_shortcut(kind):
    images = torch.randn(2, 24, 4, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(silenced(middle_block(kind))(images), images.relu())


@pytest.mark.parametrize("kind", ["x", "r", "vr"])
def test_the_addition_comes_before_the_last_relu(kind):
    images = torch.randn(2, 24, 4, 4, generator=torch.Generator().manual_seed(0))
    block = silenced(middle_block(kind))
    nn.init.constant_(block.last_norm.bias, -1.0)
    assert torch.equal(block(images), (images - 1).relu())


def test_block_v_has_no_shortcut():
    images = torch.randn(2, 24, 4, 4, generator=torch.Generator().manual_seed(0))
    assert not silenced(middle_block("v"))(images).any()


@pytest.mark.parametrize("kind", ["x", "r", "v", "vr"])
def test_blocks_end_in_a_relu(kind):
    images = torch.randn(2, 24, 4, 4, generator=torch.Generator().manual_seed(0))
    output = middle_block(kind)(images)
    assert output.min() == 0 < output.max()


@pytest.mark.parametrize("kind", BLOCKS)
def test_blocks_leave_their_input_as_it_is(kind):
    images = torch.randn(2, 24, 4, 4, generator=torch.Generator().manual_seed(0))
    kept = images.clone()
    middle_block(kind)(images)
    assert torch.equal(images, kept)


def test_squeeze_and_excitation_scales_channels_by_a_gate():
    module = build(SMALL).stages[0][0].se
    images = torch.randn(2, 16, 4, 4, generator=torch.Generator().manual_seed(0))
    nn.init.zeros_(module.excite.weight)
    nn.init.constant_(module.excite.bias, 0.0)
    assert torch.equal(module(images), 0.5 * images)
    nn.init.constant_(module.excite.bias[:1], -200.0)
    assert not module(images)[:, 0].any()


# ---- Initial values --------------------------------------------------------------------------------------------------


def test_initial_values_follow_the_authors_law():
    network = build(replace(SMALL, stem_width=64, widths=(128, 256), group_widths=(8, 32)), classes=500)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            std = np.sqrt(2 / (module.kernel_size[0] ** 2 * module.out_channels))  # whatever the groups
            count = module.weight.numel()
            assert abs(module.weight.mean()) < 5 * std / np.sqrt(count)
            assert abs(module.weight.std() / std - 1) < 5 / np.sqrt(2 * count)
            if module.bias is not None:
                bound = 1 / np.sqrt(module.in_channels)
                assert 0.5 * bound < module.bias.abs().max() <= bound
        elif isinstance(module, nn.BatchNorm2d):
            assert (module.weight == 1).all() and not module.bias.any()
            assert (module.running_var == 1).all() and not module.running_mean.any()
        elif isinstance(module, nn.Linear):
            assert abs(module.weight.std() / 0.01 - 1) < 5 / np.sqrt(2 * module.weight.numel())
            assert not module.bias.any()


@pytest.mark.parametrize("training", [True, False])
def test_torchs_own_batch_norm_is_given_the_same_as_cudnns(monkeypatch, training):
    x, outputs = torch.randn(6, 3, 4, 4, generator=torch.Generator().manual_seed(0)), []
    for cudnn in (True, False):
        monkeypatch.setattr(BatchNorm, "cudnn", cudnn)
        norm = BatchNorm(3, momentum=0.3).train(training)
        with torch.no_grad():
            norm.weight.copy_(torch.tensor([1.0, 2.0, 3.0]))
            norm.bias.copy_(torch.tensor([0.1, 0.2, 0.3]))
            outputs.append([norm(x), norm.running_mean, norm.running_var])
    assert all(map(torch.equal, *outputs))  # a CPU has one kernel
    assert outputs[0][1].any() == training


def test_initial_values_are_a_function_of_the_generator():
    def values(seed):
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        return nn.utils.parameters_to_vector(build(SMALL, generator=generator).parameters())

    assert torch.equal(values(3), values(3))
    assert not torch.equal(values(3), values(4))
    assert torch.equal(values(None), values(0))


def test_building_leaves_the_global_generator_alone():
    before = torch.random.get_rng_state()
    build(SMALL)
    build(SMALL, generator=torch.Generator().manual_seed(1))
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("kind", BLOCKS)
def test_every_value_is_initialised(kind):
    """Fresh memory is filled with NaN meanwhile, so that a value left as it was would show."""
    torch.use_deterministic_algorithms(True)
    try:
        assert torch.empty(1).isnan().all()
        assert all(value.isfinite().all() for value in build(small(kind)).state_dict().values())
    finally:
        torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize("kind", ["x", "r", "vr"])
def test_with_zero_init_residual_blocks_start_as_their_shortcut(kind):
    images = torch.randn(2, 24, 4, 4, generator=torch.Generator().manual_seed(0))
    network = build(small(kind), zero_init_residual=True)
    assert torch.equal(network.stages[1][1](images), images.relu())
    plain = dict(build(small(kind)).named_parameters())
    changed = {name for name, value in network.named_parameters() if not torch.equal(value, plain[name])}
    last_norm = "conv.1.weight" if kind == "vr" else "expand.1.weight"
    assert changed == {f"stages.{block}.{last_norm}" for block in ("0.0", "1.0", "1.1")}


def test_zero_init_residual_silences_no_mobile_block_without_a_shortcut():
    (first, later), images = build(small("mb"), zero_init_residual=True).stages[1], torch.ones(2, 16, 4, 4)
    assert first.last_norm.weight.all() and not later.last_norm.weight.any()
    out = first.eval()(images)
    assert out.any() and torch.equal(later.eval()(out), out)


def test_zero_init_residual_leaves_block_v_alone():
    plain, zero = build(small("v")), build(small("v"), zero_init_residual=True)
    assert all(torch.equal(*pair) for pair in zip(plain.parameters(), zero.parameters(), strict=True))


# ---- Training --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("kind", BLOCKS)
def test_gradients_reach_every_parameter(kind, stem):
    network = build(small(kind, stem), channels=1, classes=5).train()
    images = torch.randn(4, 1, 17, 17, generator=torch.Generator().manual_seed(0))
    logits = network(images)
    assert logits.shape == (4, 5)
    nn.functional.cross_entropy(logits, torch.tensor([0, 1, 2, 3])).backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), name


@pytest.mark.parametrize("kind", BLOCKS)
def test_memory_format_and_autocast_keep_the_answer(kind):
    network = build(small(kind), classes=5).eval()
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = network(images)
        last = network.to(memory_format=torch.channels_last)(images.contiguous(memory_format=torch.channels_last))
        with torch.autocast("cpu", torch.bfloat16):
            half = network(images)
    torch.testing.assert_close(last, expected, rtol=1e-4, atol=1e-5)
    assert half.dtype == torch.bfloat16
    torch.testing.assert_close(half.float(), expected, rtol=0.1, atol=0.1 * expected.abs().max().item())


def test_a_small_network_learns_a_batch_by_heart():
    generator = torch.Generator().manual_seed(0)
    images, labels = torch.randn(16, 1, 8, 8, generator=generator), torch.randint(4, (16,), generator=generator)
    network = build(replace(small("x", "cifar"), resolution=8), channels=1, classes=4, generator=generator)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    for _ in range(30):
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(network(images), labels)
        loss.backward()
        optimiser.step()
    assert loss < 0.1

"""Users' blocks and families are checked before anything is trained: a fault is one line with file and line."""

import re
from pathlib import Path

import pytest
from netspaces.configuration.loading import load
from netspaces.files.safe import OneLineError
from netspaces.plugins.loading import PluginError, forget_plugins, loaded_plugins
from netspaces.spaces import plugin_check
from netspaces.workflow import plugin_checks
from netspaces.workflow.plugin_checks import check_plugins

CONFIG = Path(__file__).parents[3] / "config"

BLOCK = """
from dataclasses import dataclass
from netspaces.networks.block import Block
from netspaces.networks.layers import Convolution, Count, Layer, LayerNorm, SqueezeExcitation

@dataclass(frozen=True, kw_only=True, eq=False)
class Scale(Layer):
    def count(self, resolution):
        return Count(parameters=self.outputs)  # COUNT

    def module(self, activation):
        import torch  # MODULE

        class ScaleModule(torch.nn.Module):
            def __init__(self, width):
                super().__init__()
                self.weight = torch.nn.Parameter(torch.ones(width, 1, 1))  # WEIGHT

            def forward(self, x):
                return x * self.weight  # FORWARD

        return ScaleModule(self.outputs)

    def describe(self, activation):
        return "scale"

class Mine(Block):
    name = "mine"
    description = "a block"
    parameters = ("bottleneck", "kernel")

    def layers(self, shape):
        middle = shape.bottleneck_width  # MIDDLE
        return [
            Convolution(name="reduce", inputs=shape.inputs, outputs=middle),
            Convolution(name="conv", inputs=middle, outputs=middle, kernel=shape.kernel, stride=shape.stride),
            Scale(name="scale", inputs=middle, outputs=middle),
            Convolution(name="expand", inputs=middle, outputs=shape.width, activation=False),
        ]

BLOCK = Mine()
"""
FAMILY = """
import numpy as np
from netspaces.spaces.family import Family, Stages, for_each_stage

class Mine(Family):
    description = "Widths that double."
    rule = ("depth", "w_0")
    recorded = ("w_0",)

    def stages(self, values, count, strides):
        n = len(values["w_0"])
        valid = np.ones(n, bool)  # VALID
        widths = values["w_0"][:, None] * 2 ** np.arange(count)  # WIDTHS
        depths = for_each_stage(values["depth"], (n, count))  # DEPTHS
        return Stages(valid, depths, widths, np.broadcast_to(np.array(strides), (n, count)))  # RETURN

FAMILY = Mine()
"""
WITH_BLOCK = {"design_spaces": {"Own": {"description": "mine", "extends": "RegNetX", "block": "mine"}}}
WITH_FAMILY = {
    "design_spaces": {
        "Own": {
            "description": "mine",
            "family": "mine",
            "parameters": {"depth": {"choice": [1, 2]}, "w_0": {"choice": [8, 16]}, "bottleneck": 1, "group_width": 8},
        }
    }
}
TRAINED = {"studies": {"own": {"title": "mine", "figure": "error_distributions", "panels": {"of": ["Own"]}}}}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(plugin_check, "PASSED", tmp_path / "passed")
    monkeypatch.setattr(plugin_checks, "say", print)
    yield
    forget_plugins()


def checked(tmp_path: Path, source: str, settings: dict) -> None:
    """Load the digits preset with a plug-in, and check it as the main process does."""
    path = tmp_path / "mine.py"
    path.write_text(source)
    check_plugins(load({"preset": "digits", "plugins": [str(path)], **settings}, CONFIG))


def test_what_fits_passes_once_for_what_it_says(tmp_path, capsys, monkeypatch):
    checked(tmp_path, BLOCK, WITH_BLOCK)
    assert "block mine counts what it builds, in 20 shapes of Own" in capsys.readouterr().out
    forget_plugins()
    monkeypatch.setattr("netspaces.spaces.plugin_check._check", None)  # the same again, with a comment more: not called
    checked(tmp_path, f"# a comment\n{BLOCK}", WITH_BLOCK)
    assert capsys.readouterr().out == ""
    forget_plugins()
    with pytest.raises(PluginError):
        checked(tmp_path, BLOCK.replace("# MIDDLE", "+ 0"), WITH_BLOCK)


def test_a_block_that_no_space_has_is_checked_too(tmp_path, capsys):
    checked(tmp_path, BLOCK, {})
    assert "block mine counts what it builds, in 20 shapes of no design space" in capsys.readouterr().out
    forget_plugins()
    with pytest.raises(PluginError, match="expected the width"):
        checked(tmp_path, BLOCK.replace("outputs=shape.width", "outputs=8"), {})


@pytest.mark.parametrize(
    "old, new, at, message",
    [
        ("outputs=shape.width", "outputs=shape.width + 1", '"expand"', "gives .* channels, expected the width"),
        ("stride=shape.stride", "stride=1", "def layers", "pixels a side from .*strides multiply to the block's"),
        ('"expand", inputs=middle', '"expand", inputs=2 * middle', '"expand"', "takes .* channels, but gets"),
        ("shape.bottleneck_width", "shape.bottleneck_widths", "# MIDDLE", "AttributeError: .*bottleneck_widths"),
        ("shape.bottleneck_width", "1 / 0", "# MIDDLE", "ZeroDivisionError: division by zero"),
        ("shape.bottleneck_width", "shape.width / shape.bottleneck", '"reduce"', "whole number above 0"),
        ("shape.bottleneck_width", "max(shape.bottleneck_width, 9)", "# MIDDLE", "ambiguous.*arrays of many networks"),
        ('name="conv"', 'name="reduce"', '"reduce"', "two layers have this name"),
        ('name="conv"', 'name="projection"', "def layers", "a layer is called 'projection'"),
        ("parameters=self.outputs", "parameters=2 * self.outputs", '"scale"', "counts .* parameters, but its module"),
        ("x * self.weight", "x[:, 1:] * self.weight[1:]", '"scale"', "output has the shape .*, expected"),
        ("x * self.weight", "x * self.weights", "# FORWARD", "AttributeError"),
        ("x * self.weight", "x + 0 * x", '"scale"', "scale.weight has no influence"),
        ("import torch ", "import torchs ", "# MODULE", "ModuleNotFoundError: No module named 'torchs'"),
        ("        return [", "        return None and [", "def layers", "returned None, expected a list of layers"),
        ("self.weight = torch.nn.Parameter(torch.ones(width, 1, 1))", "self.weight = 1", '"scale"', "module has 0"),
        ("kernel=shape.kernel", "kernel=shape.kernel, group_width=3", '"conv"', "ValueError: .*divisible by groups"),
    ],
)
def test_a_fault_of_a_block_is_one_line_with_file_and_line(tmp_path, old, new, at, message):
    assert BLOCK.count(old) >= 1
    source = BLOCK.replace(old, new, 1)
    number = next(i for i, text in enumerate(source.splitlines(), start=1) if at in text)
    with pytest.raises(OneLineError, match=message) as error:
        checked(tmp_path, source, WITH_BLOCK)
    assert "\n" not in str(error.value) and f"{tmp_path}/mine.py: line {number}: " in str(error.value)


def test_a_block_without_a_norm_is_refused_where_a_recipe_starts_blocks_as_their_shortcuts(tmp_path):
    source = re.sub(r"(Convolution\(.*)\)", r"\1, norm=False)", BLOCK)
    with pytest.raises(PluginError, match="expected a batch norm or a layer scale.*zero_init_residual: false"):
        checked(tmp_path, source, {**WITH_BLOCK, **TRAINED})
    forget_plugins()
    checked(tmp_path, source, WITH_BLOCK)  # no recipe trains it


def test_values_that_a_block_refuses_with_an_exception_name_its_line(tmp_path):
    method = "    def check_values(self, *numbers, **keys):\n        return numbers[9]\n\n"
    broken = BLOCK.replace("    def layers", f"{method}    def layers")
    with pytest.raises(OneLineError, match="mine.py: line .*IndexError: tuple index out of range"):
        checked(tmp_path, broken, WITH_BLOCK)


def test_a_family_that_holds_passes(tmp_path, capsys):
    checked(tmp_path, FAMILY, WITH_FAMILY)
    assert "family mine gives valid networks in Own" in capsys.readouterr().out
    assert [plugin.name for plugin in loaded_plugins()] == ["mine"]


@pytest.mark.parametrize(
    "old, new, at, message",
    [
        ("np.ones(n, bool)", "np.ones(n)", "def stages", "valid is .*expected 20 booleans"),
        ("2 ** np", "1.5 ** np", "def stages", "widths are float64"),
        ("* 2 **", "* 0 *", "def stages", "widths must be at least 1"),
        ('values["depth"], (n', 'values["depth"] - 1, (n', "def stages", "depths must be positive"),
        ("[:, None] *", "[:1, None] *", "def stages", "widths are int64 of shape"),
        ("return Stages(", "return (", "def stages", "expected Stages"),
        ("# VALID", "& (values['w_0'] > values['w_0'].mean() - 1)", "def stages", "widths|expected integers"),
        ("2 ** np.arange(count)", "2 ** np.arange(count) + n", "def stages", "depend on the draws beside it"),
        ('values["w_0"][:', 'values["w_1"][:', "# WIDTHS", "KeyError: 'w_1'"),
        ('recorded = ("w_0",)', 'recorded = ("w_9",)', "def stages", "recorded names 'w_9'"),
    ],
)
def test_a_fault_of_a_family_is_one_line_with_file_and_line(tmp_path, old, new, at, message):
    assert FAMILY.count(old) == 1
    source = FAMILY.replace(old, new)
    number = next(i for i, text in enumerate(source.splitlines(), start=1) if at in text)
    with pytest.raises(OneLineError, match=message) as error:
        checked(tmp_path, source, WITH_FAMILY)
    assert "\n" not in str(error.value) and f"{tmp_path}/mine.py: line {number}: " in str(error.value)


def test_without_torch_the_first_training_job_does_the_rest(tmp_path, monkeypatch):
    wrong = BLOCK.replace("parameters=self.outputs", "parameters=2 * self.outputs")
    with monkeypatch.context() as patch:
        patch.setattr("netspaces.spaces.plugin_check.find_spec", lambda name: None)
        checked(tmp_path, wrong, WITH_BLOCK)
    definition = load({"preset": "digits", "plugins": [str(tmp_path / "mine.py")], **WITH_BLOCK}, CONFIG).spaces["Own"]
    with pytest.raises(PluginError, match="counts .* parameters"):
        plugin_check.check_definition(definition, False)

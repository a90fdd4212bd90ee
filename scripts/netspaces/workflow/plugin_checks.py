"""Users' blocks and families are checked by the engine's main process, so that what is wrong shows before any job."""

from netspaces.configuration.configuration import Configuration
from netspaces.configuration.design_spaces import complete
from netspaces.networks.block import Block
from netspaces.networks.blocks import BLOCKS
from netspaces.plugins.loading import naming_plugins
from netspaces.spaces.plugin_check import check_definition
from netspaces.workflow.progress import say


def check_plugins(configuration: Configuration, is_main: bool = True) -> None:
    """Check all blocks and families of users in the design spaces that have them; raises PluginError.

    A block that no space has is checked in shapes of its own. Processes of jobs leave all of this to the main one.
    """
    if not is_main:
        return
    unused = dict.fromkeys(BLOCKS.plugins)
    for name, definition in configuration.spaces.items():
        unused.pop(definition["block"], None)
        for line in check_definition(definition, _starts_as_shortcut(name, configuration)):
            say(line)
    for name in unused:
        with naming_plugins():
            invented = complete(invented_space(BLOCKS[name]), configuration.settings)
        for line in check_definition(invented, False):
            say(line)


def _starts_as_shortcut(space: str, configuration: Configuration) -> bool:
    """Whether networks of a space are trained with a recipe that starts blocks as their shortcuts."""
    recipes = [each.recipe for each in configuration.populations.values() if each.definition["name"] == space]
    return any(recipe.get("zero_init_residual", False) for recipe in recipes)


def invented_space(block: Block) -> dict:
    """A design space for a block that no space has, with the values of parameters that it says it takes."""
    bottlenecks = [
        value for value in (0.25, 0.5, 1, 2, 4) if not block.check_values("bottleneck", [value], False, False)
    ]
    ratios = [value for value in (0.0, 0.25) if not block.check_values("se_ratio", [value], False, False)]
    parameters = {
        "depth": {"distribution": "uniform", "low": 1, "high": 4},
        "width": {"distribution": "log_uniform", "low": 8, "high": 256, "step": 8},
        "bottleneck": {"choice": bottlenecks},
        "group_width": {"choice": [1, 2, 4, 8]},
        "kernel": {"choice": [3, 5, 7]},
        "se_ratio": {"choice": ratios},
        "stem_width": {"choice": [16, 32]},
    }
    declared = {name: value for name, value in parameters.items() if name not in block.lacks}
    stages = {"stages": 4, "strides": [1, 2, 2, 2]}
    return {"name": "no design space", "family": "anynet", "block": block.name, "parameters": declared} | stages

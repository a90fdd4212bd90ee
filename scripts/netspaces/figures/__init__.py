"""Figures, one module each: `draw(study)` turns population tables into a figure and the numbers that it shows."""

from collections.abc import Callable

from netspaces.plugins.registry import Registry

FIGURES: Registry[Callable] = Registry(
    "figure", "draw", "netspaces.figures.paper", "netspaces.figures.critics", "netspaces.figures.general"
)

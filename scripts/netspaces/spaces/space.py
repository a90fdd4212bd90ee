"""A design space ready to draw from: uniform random numbers become parameter values, and these architectures.

A design space is data (config/design_spaces.yaml): a family, the distributions of its parameters, what stages share,
which values must be ordered, and constraints; where the training recipe varies too, the distributions of its values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from netspaces.networks.architecture import Architectures
from netspaces.networks.compatibility import make_compatible
from netspaces.spaces.definition import (
    OPTIONAL,
    block_of,
    check_values,
    family_of,
    read_monotone,
    read_parameters,
    read_recipe,
    read_shared,
    read_tied,
    with_whole_numbers,
)
from netspaces.spaces.distributions import Distribution
from netspaces.spaces.expressions import Constraint
from netspaces.spaces.family import NETWORK_PARAMETERS, STAGE_PARAMETERS, Family, for_each_stage

UNSTATED = {name: np.array([value]) for name, value in {"bottleneck": 1, "group_width": 1, **OPTIONAL}.items()}
"""The values of parameters that the block does not have, or that the definition does not state."""


@dataclass(frozen=True)
class Space:
    """A design space ready to draw from; see config/README.md for what a definition holds.

    `parameters` are drawn in the order in which the family names them, whatever the order they were declared in.
    """

    name: str
    family: Family
    block: str
    stages: int
    stem: str
    strides: tuple[int, ...]
    channels: int
    classes: int
    parameters: dict[str, Distribution]
    shared: tuple[str, ...] = ()
    monotone: dict[str, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    tied: dict[str, str] = field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()
    activation: str = "relu"
    recipe: dict[str, Distribution] = field(default_factory=dict)

    @classmethod
    def from_definition(cls, definition: Mapping) -> "Space":
        """From a resolved definition (`netspaces.configuration.design_spaces.resolve`).

        Raises ValueError naming the key that is wrong.
        """
        definition = with_whole_numbers(definition)
        tied = read_tied(definition)
        parameters = read_parameters(definition, tied)
        for name in (*parameters, *tied):
            check_values(name, parameters[tied.get(name, name)], block_of(definition))
        space = cls(
            name=definition.get("name", "design space"),
            family=family_of(definition),
            block=definition["block"],
            stages=definition["stages"],
            stem=definition["stem"],
            strides=tuple(definition["strides"][: definition["stages"]]),
            channels=definition["channels"],
            classes=definition["classes"],
            parameters=parameters,
            shared=read_shared(definition, parameters),
            monotone=read_monotone(definition, parameters),
            tied=tied,
            constraints=tuple(
                Constraint(text) for key in ("constraints", "limits") for text in definition.get(key, ())
            ),
            activation=definition.get("activation", "relu"),
            recipe=read_recipe(definition),
        )
        space._check_stated_values()
        return space

    def _check_stated_values(self) -> None:
        """Raise ValueError if values stated for each stage are not as many as there are stages, or are shared."""
        for name, distribution in self.parameters.items():
            given, expected = len(distribution.values), self.values_per_draw(name)
            if distribution.kind == "per_stage" and (given != expected or name in self.shared):
                raise ValueError(f"parameters: {name} has {given} values per stage, expected {expected}")

    def values_per_draw(self, name: str) -> int:
        """How many values of a parameter one candidate takes: one per stage, or one."""
        return self.stages if name in self.family.per_stage and name not in self.shared else 1

    @property
    def uniforms_per_draw(self) -> int:
        """How many uniform numbers one candidate takes."""
        return sum(self.values_per_draw(name) for name in self.parameters)

    def draw(self, uniforms: np.ndarray) -> dict[str, np.ndarray]:
        """Uniform numbers (n, uniforms_per_draw) -> parameter values, (n,) or, per stage, (n, stages or 1).

        Ordered parameters are drawn independently and then put in order; equal ones are drawn once.
        """
        values, start = {}, 0
        for name, distribution in self.parameters.items():
            stop = start + self.values_per_draw(name)
            drawn = distribution.quantile(uniforms[:, start:stop])
            if name in self.monotone:
                order, stages = self.monotone[name]
                drawn[:, stages] = _ordered(drawn[:, stages], order)
            values[name] = drawn if name in self.family.per_stage else drawn[:, 0]
            start = stop
        return values | {name: values[source] for name, source in self.tied.items()}

    def build(self, values: Mapping[str, np.ndarray]) -> tuple[np.ndarray, Architectures]:
        """Parameter values -> (which draws have a valid structure (n,), the architectures of those)."""
        drawn = self.family.stages(values, self.stages, self.strides)
        n = len(drawn.valid)
        count, stages = drawn.depths.shape
        kept = slice(None) if count == n else drawn.valid  # a slice copies nothing
        stated = {**UNSTATED, **values}
        of_stages = {name: for_each_stage(stated[name], (n, stages))[kept] for name in STAGE_PARAMETERS}
        whole = {name: np.broadcast_to(stated[name], n)[kept] for name in NETWORK_PARAMETERS}
        widths, bottlenecks, group_widths = make_compatible(
            drawn.widths, of_stages["bottleneck"].astype(float), of_stages["group_width"], self.block
        )
        kernels, present = of_stages["kernel"], drawn.depths > 0
        if not present.all():
            of_each = (widths, bottlenecks, group_widths, kernels)
            widths, bottlenecks, group_widths, kernels = (column * present for column in of_each)
        return drawn.valid, Architectures(
            block=np.full(count, self.block),
            stem=np.full(count, self.stem),
            stem_width=whole["stem_width"],
            resolution=whole["resolution"],
            se_ratio=whole["se_ratio"].astype(float),
            depths=drawn.depths,
            widths=widths,
            bottlenecks=bottlenecks,
            group_widths=group_widths,
            strides=drawn.strides,
            kernels=kernels,
            activation=np.full(count, self.activation),
            head_width=whole["head_width"],
        )

    def recorded(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The sampled values that the structure does not show: what tables keep beside it (w_0, w_a, w_m)."""
        return {name: values[name] for name in self.family.recorded}

    def scalar_columns(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Values, one per network, that constraints may name beside the structure's: w_0, a shared width and the like.

        `depth` is not among them: it always means the structure's, the number of blocks.
        """
        whole = {name: column for name, column in values.items() if column.ndim == 1 and name not in NETWORK_PARAMETERS}
        shared = {name: values[name][:, 0] for name in self.shared}
        return {name: column for name, column in (whole | shared).items() if name != "depth"}


def _ordered(values: np.ndarray, order: str) -> np.ndarray:
    """The values of some stages (n, stages) put in an order: increasing, decreasing, or equal to the first stage's."""
    if order == "equal":
        return values[:, :1]
    ascending = np.sort(values)
    return ascending if order == "increasing" else ascending[:, ::-1]

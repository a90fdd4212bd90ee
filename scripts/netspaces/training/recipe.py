"""How a network is trained: the values of a recipe, their defaults, the learning rate over time.

The recipe is the paper's (footnote 5): SGD with momentum, half-period cosine, no enhancement unless asked for. What
the authors' code does where the paper is silent is a stated default: Nesterov momentum, weight decay on every
parameter, incomplete last batches dropped, He initialisation.
"""

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from itertools import pairwise
from typing import Any

from netspaces.files.suggestions import did_you_mean, one_of
from netspaces.networks.numbers import is_number
from netspaces.plugins.registry import Registry
from netspaces.training.augmentation import AUGMENTATIONS
from netspaces.training.losses import LOSSES
from netspaces.training.mixings import MIXINGS
from netspaces.training.optimisers import OPTIMISERS
from netspaces.training.part import Named, Part, made, part_of
from netspaces.training.schedules import SCHEDULES
from netspaces.training.targets import TARGETS

AUTO = "auto"  # the precision that pays on the device
PRECISIONS = ("fp32", "tf32", "bf16", AUTO)
LAYOUTS = ("channels_last", "contiguous_format")  # names of torch
RATE_UPDATES = ("step", "epoch")
DECAYING = ("all", "weights")  # parameters
REGISTRIES: dict[str, Registry] = {
    "augmentation": AUGMENTATIONS,
    "loss": LOSSES,
    "mixing": MIXINGS,
    "optimiser": OPTIMISERS,
    "schedule": SCHEDULES,
    "target": TARGETS,
}
"""By the field of a recipe that names them: the parts of training that are one file each."""

SINGLE = ("optimiser", "schedule", "loss", "target")  # fields that name one part, not a list of them

ADDED_LATER: dict[str, object] = {
    "loss": "cross_entropy",
    "optimiser": "sgd",
    "schedule": "cosine",
    "weight_decay_on": "all",
    "gradient_norm": 0.0,
    "mixing": [],
    "drop_path": 0.0,
    "dropout": 0.0,
    "precise_batch_norm": 0,
}
"""Fields that recipes did not have at first, and the value that all runs before were trained with.

Where a field has that value it is left out of keys and records, so that old runs stay valid when recipes learn a new
word. The value here never changes, whatever becomes of the field's default: a record without the field means this one.
"""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained. Learning rates are per batch of `batch_size` images, smoothing and decay in [0, 1).

    `optimiser`, `schedule`, `loss`, `target`, `augmentation` and `mixing` name entries of the registries of
    `netspaces.training`, with options where they have others than their defaults; operations of augmentation are kept
    in the order in which they are applied. `target` says what the network learns to tell.
    With `weight_decay_on` "weights" neither biases decay nor what norms scale and shift. `gradient_norm` above 0 is the
    length at which the gradient of all parameters together is clipped. Each image is mixed with another in one of the
    ways of `mixing`, which are equally likely. `drop_path` is the rate at which the last residual block loses its main
    path, `dropout` that at which features before the last layer are lost.
    `precision` is that of the arithmetic in the network; weights, losses and updates are fp32. `auto` is decided by the
    device that trains (`netspaces.training.device.precision_on`). In bf16 the first `fp32_epochs` are computed in fp32
    all the same: at the start gradients of deep networks do not survive rounding
    (docs/explanation/performance.md, Precision).
    `layout` is that of images and weights in memory.
    `ema_decay` above 0 evaluates a moving average of the network; training itself goes on with the raw weights.
    `precise_batch_norm` above 0 is the number of training images on which statistics of batch norm are computed anew
    before each evaluation (`netspaces.training.precise_norms`).
    """

    epochs: int
    batch_size: int = 128
    learning_rate: float = 0.05
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 5e-5
    warmup_epochs: float = 0.0
    warmup_factor: float = 0.1
    update_rate_every: str = "step"
    label_smoothing: float = 0.0
    ema_decay: float = 0.0
    zero_init_residual: bool = False
    augmentation: tuple[str, ...] = ()
    precision: str = "fp32"
    fp32_epochs: float = 0.0
    layout: str = "channels_last"
    target: Named = "labels"
    optimiser: Named = "sgd"
    loss: Named = "cross_entropy"
    schedule: Named = "cosine"
    weight_decay_on: str = "all"
    gradient_norm: float = 0.0
    mixing: tuple[Named, ...] = ()
    drop_path: float = 0.0
    dropout: float = 0.0
    precise_batch_norm: int = 0

    def __post_init__(self) -> None:
        choices = {"update_rate_every": RATE_UPDATES, "precision": PRECISIONS, "layout": LAYOUTS}
        choices |= {"weight_decay_on": DECAYING}
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"recipe: {name} is {getattr(self, name)!r}, expected {' or '.join(allowed)}")
        for name in SINGLE:
            object.__setattr__(self, name, part_of(name, getattr(self, name), REGISTRIES[name]))
        object.__setattr__(self, "augmentation", _in_order(self.augmentation))
        mixing = _parts("mixing", self.mixing)
        object.__setattr__(self, "mixing", tuple(mixing[name] for name in sorted(mixing)))
        for field in fields(self):  # 1 and 1.0 are equal, but not in JSON: equal recipes must have equal keys
            if field.type in (int, float):
                object.__setattr__(self, field.name, _number(field.name, getattr(self, field.name), field.type))
        self._check_unused()

    def _check_unused(self) -> None:
        """Raise ValueError for a value that its optimiser has no use for."""
        defaults = {field.name: field.default for field in fields(self) if field.default is not MISSING}
        named = str(self.optimiser)  # the default's own file is not imported for this
        optimiser = None if named == defaults["optimiser"] else OPTIMISERS[named]
        for name in getattr(optimiser, "unused", ()):
            if getattr(self, name) != defaults[name]:
                raise ValueError(
                    f"recipe: {name} is {getattr(self, name)!r}, expected none: {self.optimiser} has no use for it"
                )

    @classmethod
    def from_dict(cls, values: Mapping) -> "Recipe":
        """From configuration; raises ValueError naming an unknown or missing key."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(values).difference(known)):
            raise ValueError(f"recipe: {unknown[0]} is unknown, expected {one_of(unknown[0], sorted(known))}")
        if "epochs" not in values:
            raise ValueError("recipe: epochs is missing, expected a whole number")
        return cls(**values)

    @classmethod
    def from_record(cls, values: Mapping) -> "Recipe":
        """The inverse of `to_dict`; raises ValueError as `from_dict` does."""
        return cls.from_dict({**ADDED_LATER, **values})

    def to_dict(self) -> dict:
        """As plain JSON values, for keys and records: without fields that were `ADDED_LATER` and say nothing new."""
        values = {name: _plain(value) for name, value in vars(self).items()}
        missing = object()
        return {name: value for name, value in values.items() if ADDED_LATER.get(name, missing) != value}

    def rate(self, progress: float) -> float:
        """Learning rate after `progress` epochs: linear warm-up, under the schedule.

        By default that is a half-period cosine to 0 (paper footnote 5). With `update_rate_every: epoch` the rate is
        constant within an epoch, as in the authors' code.
        """
        if self.update_rate_every == "epoch":
            progress = math.floor(progress)
        rate = self.learning_rate * made(SCHEDULES, self.schedule)(progress, self.epochs)
        if progress < self.warmup_epochs:
            share = progress / self.warmup_epochs
            rate *= self.warmup_factor * (1 - share) + share
        return rate


def _number(name: str, value: Any, kind: type) -> int | float:
    """The number of a field as its type; raises ValueError for what is none, or not finite, or not whole."""
    expected = "a whole number" if kind is int else "a finite number"
    if not is_number(value) or (kind is int and value != int(value)):
        raise ValueError(f"recipe: {name} is {value!r}, expected {expected}")
    return kind(value) + kind(0)  # -0.0 equals 0.0


def _plain(value: object) -> object:
    """A value of a recipe as plain JSON."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.plain() if isinstance(value, Part) else value


def _parts(field: str, values: object) -> dict[str, Named]:
    """The parts that a list of a recipe names, by name."""
    if not isinstance(values, list | tuple):
        raise ValueError(f"recipe: {field} is {values!r}, expected a list of {', '.join(REGISTRIES[field])}")
    registry, parts = REGISTRIES[field], {}
    for each in values:
        name = str(each.get("name") if isinstance(each, Mapping) else each)
        if name not in registry:
            raise ValueError(
                f"recipe: {field} has {name!r}, expected some of {', '.join(registry)}{did_you_mean(name, registry)}"
            )
        parts[name] = part_of(field, each, registry)
    return parts


def _in_order(operations: object) -> tuple[Named, ...]:
    """Operations of augmentation, each once, in the order in which these are applied."""
    parts = _parts("augmentation", operations)
    places = {name: AUGMENTATIONS[name].place for name in parts}
    ordered = sorted(places, key=places.__getitem__)
    for one, other in pairwise(ordered):
        if places[one] == places[other]:
            raise ValueError(f"recipe: augmentation has {one} and {other}, both at place {places[one]}: expected one")
    return tuple(parts[name] for name in ordered)

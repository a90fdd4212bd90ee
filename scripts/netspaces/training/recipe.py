"""How a network is trained: the values of a recipe, their defaults, the learning rate over time.

The recipe is the paper's (section 3.1): SGD with momentum, half-period cosine, no enhancement unless asked for. What
the authors' code does where the paper is silent is a stated default: Nesterov momentum, weight decay on every
parameter, incomplete last batches dropped, He initialisation.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

AUTO = "auto"  # the precision that pays on the device
PRECISIONS = ("fp32", "tf32", "bf16", AUTO)
LAYOUTS = ("channels_last", "contiguous_format")  # names of torch
OPERATIONS = ("random_resized_crop", "crop", "flip", "colour", "lighting")  # in the order in which they are applied
LABELS, ROTATION = "labels", "rotation"
ADDED_LATER: dict[str, object] = {}
"""Fields that recipes did not have at first, and the value that all runs before were trained with.

Where a field has that value it is left out of keys and records, so that old runs stay valid when recipes learn a new
word. The value here never changes, whatever becomes of the field's default: a record without the field means this one.
"""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained. Learning rates are per batch of `batch_size` images, smoothing and decay in [0, 1).

    `augmentation` names operations of `netspaces.training.augmentation`, kept in the order in which they are applied.
    `target` says what the network learns to tell: the images' labels, or without any label by how many quarter turns an
    image was rotated ("Are Labels Necessary for Neural Architecture Search?").
    `precision` is that of the arithmetic in the network; weights, losses and updates are fp32. `auto` is decided by the
    device that trains (`netspaces.training.device.precision_on`). In bf16 the first `fp32_epochs` are computed in fp32
    all the same: at the start gradients of deep networks do not survive rounding (docs/performance.md, Precision).
    `layout` is that of images and weights in memory.
    `ema_decay` above 0 evaluates a moving average of the network; training itself goes on with the raw weights.
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
    target: str = LABELS

    def __post_init__(self) -> None:
        if self.update_rate_every not in ("step", "epoch"):
            raise ValueError(f"recipe: update_rate_every is {self.update_rate_every!r}, expected step or epoch")
        if self.precision not in PRECISIONS:
            raise ValueError(f"recipe: precision is {self.precision!r}, expected {' or '.join(PRECISIONS)}")
        if self.layout not in LAYOUTS:
            raise ValueError(f"recipe: layout is {self.layout!r}, expected {' or '.join(LAYOUTS)}")
        if self.target not in (LABELS, ROTATION):
            raise ValueError(f"recipe: target is {self.target!r}, expected {LABELS} or {ROTATION}")
        for name in self.augmentation:
            if name not in OPERATIONS:
                raise ValueError(f"recipe: augmentation has {name!r}, expected of {', '.join(OPERATIONS)}")
        object.__setattr__(self, "augmentation", tuple(name for name in OPERATIONS if name in self.augmentation))
        for field in fields(self):  # 1 and 1.0 are equal, but not in JSON: equal recipes must have equal keys
            if field.type is float:
                object.__setattr__(self, field.name, float(getattr(self, field.name)))

    @classmethod
    def from_dict(cls, values: Mapping) -> "Recipe":
        """From configuration; raises ValueError naming an unknown or missing key."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(values).difference(known)):
            raise ValueError(f"recipe: {unknown[0]} is unknown, expected one of {', '.join(sorted(known))}")
        if "epochs" not in values:
            raise ValueError("recipe: epochs is missing, expected a whole number")
        return cls(**values)

    @classmethod
    def from_record(cls, values: Mapping) -> "Recipe":
        """The inverse of `to_dict`; raises ValueError as `from_dict` does."""
        return cls.from_dict({**ADDED_LATER, **values})

    def to_dict(self) -> dict:
        """As plain JSON values, for keys and records: without fields that were `ADDED_LATER` and say nothing new."""
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        missing = object()
        return {name: value for name, value in values.items() if ADDED_LATER.get(name, missing) != value}

    def rate(self, progress: float) -> float:
        """Learning rate after `progress` epochs: linear warm-up, under a half-period cosine to 0 (paper section 3.1).

        With `update_rate_every: epoch` it is constant within an epoch, as in the authors' code.
        """
        if self.update_rate_every == "epoch":
            progress = math.floor(progress)
        rate = 0.5 * self.learning_rate * (1 + math.cos(math.pi * progress / self.epochs))
        if progress < self.warmup_epochs:
            share = progress / self.warmup_epochs
            rate *= self.warmup_factor * (1 - share) + share
        return rate

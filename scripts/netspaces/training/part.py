"""Parts of training that a recipe names, and their options.

A recipe names an optimiser, schedule, loss, target, augmentation or mixing by its name, or by a mapping of its name and
options: `adamw`, or `{name: adamw, beta_2: 0.95}`. The options of a part are the keyword-only parameters of its
function or class; each has a default, whose type it takes, and may be annotated with the interval that it must lie in.
A default never changes: an option that has its default's value is left out of a run's key.

Nothing here imports torch: recipes, and with them keys and plans, know options without it.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from netspaces.files.suggestions import did_you_mean
from netspaces.networks.numbers import is_number
from netspaces.plugins.registry import Registry


@dataclass(frozen=True)
class Interval:
    """Where the numbers of an option lie; `without_low` and `without_high` leave out an end."""

    low: float = -math.inf
    high: float = math.inf
    without_low: bool = False
    without_high: bool = False

    def __contains__(self, value: float) -> bool:
        above = value > self.low if self.without_low else value >= self.low
        return above and (value < self.high if self.without_high else value <= self.high)

    def __str__(self) -> str:
        low = f"{'above' if self.without_low else 'from'} {self.low:g}"
        return low if self.high == math.inf else f"{low} {'to below' if self.without_high else 'to'} {self.high:g}"


Share = Annotated[float, Interval(0, 1)]
Decay = Annotated[float, Interval(0, 1, without_high=True)]
Positive = Annotated[float, Interval(0, without_low=True)]


@dataclass(frozen=True)
class Part:
    """A part of training with options of its own, by the option's name; those that have their default are left out."""

    name: str
    options: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        return self.name

    def plain(self) -> dict:
        """As plain JSON values, as configuration states it."""
        options = {name: list(value) if isinstance(value, tuple) else value for name, value in self.options}
        return {"name": self.name} | options


Named = str | Part
"""A part as a recipe holds it: its name, if all options have their defaults."""


def names_of(value: Any) -> list[str]:
    """The names of the parts that a field of a recipe, or of configuration, names: one part or a list of them."""
    if isinstance(value, list | tuple):
        return [name for each in value for name in names_of(each)]
    return [str(value["name"] if isinstance(value, Mapping) else value)]


def options_of(entry: object) -> dict[str, inspect.Parameter]:
    """The options of an entry of a registry: a function, a class, or an instance of the class that takes them."""
    signature = inspect.signature(entry if callable(entry) else type(entry))
    return {name: each for name, each in signature.parameters.items() if each.kind is each.KEYWORD_ONLY}


def part_of(field: str, value: object, registry: Registry) -> Named:
    """A part as the field of a recipe states it, checked; raises ValueError in one line."""
    content = value.plain() if isinstance(value, Part) else value
    given = dict(content) if isinstance(content, Mapping) else {"name": content}
    name = given.pop("name", None)
    if not isinstance(name, str) or name not in registry:
        expected = f"{' or '.join(registry)}{did_you_mean(name, registry)}"
        raise ValueError(f"recipe: {field} is {name if given else value!r}, expected {expected}")
    if not given:
        return name
    known = options_of(registry[name])
    options = []
    for option in sorted(given):
        if option not in known:
            expected = (", ".join(known) or "none") + did_you_mean(option, known)
            raise ValueError(f"recipe: {field} {name} has no option {option!r}, expected {expected}")
        checked = _checked(f"{field}.{option} of {name}", given[option], known[option])
        if checked != known[option].default:
            options.append((option, checked))
    return Part(name, tuple(options)) if options else name


def made(registry: Registry, part: Named) -> Any:
    """The entry of a registry with the options of a part: an instance with them, or a function or class that has them.

    Raises ValueError, in one line, for options that the entry refuses together.
    """
    entry = registry[str(part)]
    if isinstance(part, str):
        return entry
    options = dict(part.options)
    return partial(entry, **options) if isinstance(entry, Callable) else type(entry)(**options)  # type: ignore[arg-type]


def _checked(what: str, value: Any, parameter: inspect.Parameter) -> Any:
    """The value of an option, in the type of its default; raises ValueError if it is of another type or outside."""
    default = parameter.default
    metadata = getattr(parameter.annotation, "__metadata__", ())
    interval = next((each for each in metadata if isinstance(each, Interval)), Interval())
    checked = value
    if isinstance(default, bool | str):
        right, kind = isinstance(value, type(default)), "true or false" if isinstance(default, bool) else "text"
    elif isinstance(default, tuple):
        right, kind = isinstance(value, list | tuple) and all(map(is_number, value)), "a list of numbers"
        right = right and all(each in interval for each in value)
        checked = tuple(map(float, value)) if right else value
    elif isinstance(default, int):
        right, kind = is_number(value) and value == int(value) and value in interval, "a whole number"
        checked = int(value) if right else value
    else:
        right, kind = is_number(value) and value in interval, "a number"
        checked = float(value) + 0.0 if right else value  # -0.0 equals 0.0, but not in JSON
    if not right:
        expected = "" if interval == Interval() else f" {interval}"
        raise ValueError(f"recipe: {what} is {value!r}, expected {kind}{expected}")
    return checked

"""Options of a dataset: the keys of a preset's `dataset:`, checked against the parameters of its reader."""

import inspect
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Literal, Union, get_args, get_origin, get_type_hints

from netspaces.data.images import MODES
from netspaces.data.reader import Reader
from netspaces.data.readers import READERS
from netspaces.data.shares import KEYS
from netspaces.files.suggestions import one_of

OF_IMAGES = ("name", "resolution", "channels", "classes", "stored_as")
OF_EVERY_DATASET = (*OF_IMAGES, *KEYS.values(), "validation_fraction", "validation_seed")
"""Keys that every dataset may have; a reader takes those that it needs."""

TYPES = {str: "text", bool: "true or false", int: "an integer", float: "a number"}


def options_of(reader: Reader) -> dict[str, inspect.Parameter]:
    """A reader's own options by name: its parameters but those that every dataset has."""
    parameters = inspect.signature(reader.read).parameters
    return {name: parameter for name, parameter in parameters.items() if name not in OF_EVERY_DATASET}


def arguments(reader: Reader, dataset: Mapping) -> dict[str, object]:
    """What a reader is called with: the settings of a dataset but those of every dataset that it does not take."""
    taken = inspect.signature(reader.read).parameters
    return {key: value for key, value in dataset.items() if key in taken or key not in OF_EVERY_DATASET}


def with_whole_numbers(dataset: Mapping) -> dict:
    """A preset's `dataset:` with 2.0 as 2 where its reader wants an integer."""
    if dataset.get("name") not in READERS:
        return dict(dataset)
    types = get_type_hints(READERS[dataset["name"]].read)
    return {key: int(value) if _is_whole(value, types.get(key)) else value for key, value in dataset.items()}


def _is_whole(value: object, kind: object) -> bool:
    """Whether a value is a whole number written as a float, in place of an integer."""
    return isinstance(value, float) and value.is_integer() and kind is not None and _expected(value, kind) == TYPES[int]


def complaint(dataset: Mapping) -> tuple[str, str] | None:
    """What is wrong with a preset's `dataset:`: the key at fault, and a message; None if nothing is."""
    if dataset["name"] not in READERS:
        return "name", f"dataset.name: got {dataset['name']!r}, expected {one_of(dataset['name'], READERS)}"
    reader = READERS[dataset["name"]]
    options, types = options_of(reader), get_type_hints(reader.read)
    known = (*OF_EVERY_DATASET, *options)
    if unknown := [key for key in dataset if key not in known]:
        return unknown[0], f"dataset: unknown key {unknown[0]!r}, expected {one_of(unknown[0], known)}"
    for key, option in options.items():
        if option.default is option.empty and key not in dataset:
            return "name", f"dataset: missing key {key!r}, which dataset {dataset['name']} needs"
    for key in options:
        if key in dataset and key in types and (expected := _expected(dataset[key], types[key])):
            return key, f"dataset.{key}: got {dataset[key]!r}, expected {expected}"
    return _inconsistent(dataset, limited_to_modes="channels" in types)


def _expected(value: object, kind: object) -> str:
    """What was expected of a value by its type; empty if that is what it is, or if YAML has no such type."""
    if get_origin(kind) is Literal:
        return "" if value in get_args(kind) else f"one of {', '.join(map(str, get_args(kind)))}"
    kinds = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    if not {*kinds} <= {*TYPES, NoneType}:
        return ""
    accepted = {*kinds, *([int] if float in kinds else [])}
    return "" if type(value) in accepted else " or ".join(TYPES[kind] for kind in kinds if kind is not NoneType)


def _inconsistent(dataset: Mapping, limited_to_modes: bool) -> tuple[str, str] | None:
    """Values that are right each by itself and not together; a reader of image files is limited to grey and colour."""
    stored, resolution = dataset.get("stored_resolution"), dataset["resolution"]
    if stored is not None and stored < resolution:
        expected = f"expected at least resolution, {resolution}"
        return "stored_resolution", f"dataset.stored_resolution: got {stored}, {expected}"
    for key in ("test_fraction", "validation_fraction"):
        if key in dataset and not 0 < dataset[key] < 1:
            return key, f"dataset.{key}: got {dataset[key]!r}, expected more than 0 and less than 1"
    for key in KEYS.values():
        if dataset.get(key, 0) % dataset["classes"]:
            return key, f"dataset.{key}: got {dataset[key]}, expected a multiple of classes, {dataset['classes']}"
    jpeg = dataset.get("stored_as") == "jpeg"
    if (limited_to_modes or jpeg) and dataset["channels"] not in MODES:
        return "channels", f"dataset.channels: got {dataset['channels']}, expected 1 or 3"
    return None

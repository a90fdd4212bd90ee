"""YAML files of the configuration, read with more care than YAML asks for: what no setting can mean is refused here."""

import datetime
import json
import math
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import yaml

from netspaces.configuration.errors import ConfigError

LONGEST = 80  # characters of a value that an error shows
DEEPEST, MOST = 40, 100_000  # levels and values of a file; aliases of aliases would count more than a computer can
LARGEST = 2_000_000  # bytes of a file
DEEP = 1000  # levels that libyaml still reads
LONGEST_NUMBER = 400  # characters; the largest float has 309 digits
AMBIGUOUS = re.compile(r"[+-]?(0[0-7_]+|\d.*:.*)")  # 010 is 8 for YAML, and 1:30 is 90
Number = TypeVar("Number", int, float)
UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # control characters, and halves of characters


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML with keys as they are written (400 is '400', yes is 'yes'), each once: YAML would keep the last one.

    Numbers are what they look like, and what is merged is bounded as values are.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} is given twice", key.start_mark)
            seen.add(key.value)
            if key.tag != "tag:yaml.org,2002:merge":
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        super().flatten_mapping(node)
        if len(node.value) > MOST:
            problem = f"more than {MOST:,} keys, with those that are merged"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)

    def construct_whole(self, node: yaml.ScalarNode) -> int:
        """A whole number."""
        return self._number(node, self.construct_yaml_int)

    def construct_decimal(self, node: yaml.ScalarNode) -> float:
        """A number with decimals."""
        return self._number(node, self.construct_yaml_float)

    def _number(self, node: yaml.ScalarNode, construct: Callable[[yaml.ScalarNode], Number]) -> Number:
        text, problem = self.construct_scalar(node), ""
        if len(text) > LONGEST_NUMBER:
            problem = f"a number of {len(text):,} characters, expected at most {LONGEST_NUMBER}"
        elif AMBIGUOUS.fullmatch(text):
            value = construct(node)
            problem = f"{text} is {value} for YAML, expected {value}, or '{text}' in quotes for text"
        if problem:
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return construct(node)


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_whole)
_Loader.add_constructor("tag:yaml.org,2002:float", _Loader.construct_decimal)


class _Plain(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """YAML without anchors: what two places share is written in both."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def plain_yaml(content: Mapping) -> str:
    """A mapping as YAML for people, keys in their order."""
    return yaml.dump(dict(content), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


def read_yaml(path: Path) -> dict:
    """Read a YAML mapping; raises ConfigError for a missing file, broken syntax, another type or impossible values."""
    try:
        return deepcopy(_content(_read_text(path), str(path)))
    except ConfigError:
        raise
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except RecursionError:
        raise ConfigError(f"{path}: not valid YAML (nested too deeply)") from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: no UTF-8, a 13th month, a number of 5,000 digits
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}: not valid YAML{where} ({getattr(error, 'problem', None) or error})") from None


@lru_cache(maxsize=64)
def _content(text: str, source: str) -> dict:
    """What a text says; the same text is parsed once, so nobody may change what is returned."""
    _check_depth(text)
    content = yaml.load(text, _Loader)
    if not isinstance(content, dict):
        raise ConfigError(f"{source}: got {shown(content)}, expected a mapping")
    check_values(content, source)
    return content


def _read_text(path: Path) -> str:
    if (size := path.stat().st_size) > LARGEST:
        raise ConfigError(f"{path}: {size:,} bytes, expected at most {LARGEST:,}")
    return path.read_text(encoding="utf-8")


def _check_depth(text: str) -> None:
    """Raise RecursionError for what libyaml would overflow its stack with; it parses without recursion."""
    if sum(map(text.count, "[{-?")) < DEEP:
        return
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEP:
            raise RecursionError


def from_command_line(given: Mapping, source: str) -> dict:
    """Settings that no file states, as a file would state them; raises ConfigError as `read_yaml` does."""
    try:
        content = json.loads(json.dumps(given, default=str))
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"{source}: got settings that cannot be written down ({error})") from None
    check_values(content, source)
    return content


def check_values(content: object, source: str) -> None:
    """Raise ConfigError for what no setting can mean, wherever it stands: NaN, control characters, a date, a circle."""
    pending: list[tuple[tuple, object]] = [((), content)]
    for _ in range(MOST):
        if not pending:
            return
        path, value = pending.pop()
        if expected := _expected_instead_of(value, len(path)):
            where = shown_text(".".join(map(str, path)))
            raise ConfigError(f"{source}: {where}: got {shown(value)}, expected {expected}")
        if isinstance(value, dict):
            pending += [((*path, key), part) for key, part in (*value.items(), *((key, key) for key in value))]
        elif isinstance(value, list):
            pending += [((*path, index), part) for index, part in enumerate(value)]
    raise ConfigError(f"{source}: more than {MOST:,} values, expected fewer")


def _expected_instead_of(value: object, depth: int) -> str:
    """What was expected instead of a value; empty if it is one that a setting can have."""
    if depth > DEEPEST:
        return f"at most {DEEPEST} levels"
    if isinstance(value, (int, float)):
        return "" if _is_finite(value) else "a finite number"
    if isinstance(value, str):
        return "text without control characters" if UNREADABLE.search(value) else ""
    if isinstance(value, datetime.date):
        return "text, which YAML takes for a date unless it is in quotes"
    return "" if value is None or isinstance(value, (dict, list)) else "text, a number, a list or a mapping"


def _is_finite(number: int | float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer beyond all floating-point numbers
        return False


def shown(value: object) -> str:
    """A value as an error shows it, shortened if it is long."""
    return shown_text("nothing" if value is None else str(value) if isinstance(value, datetime.date) else repr(value))


def shown_text(text: str) -> str:
    """The beginning of a long text, or a short one."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."

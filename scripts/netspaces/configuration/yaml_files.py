"""YAML files of the configuration, read with more care than YAML asks for."""

from pathlib import Path

import yaml

from netspaces.configuration.errors import ConfigError


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML with text keys only (400 is '400'), and no key given twice, of which YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key.value!r} is given twice", key.start_mark)
            seen.add(key.value)
        return {str(key): value for key, value in super().construct_mapping(node, deep).items()}


def read_yaml(path: Path) -> dict:
    """Read a YAML mapping; raises ConfigError for a missing file, broken syntax or another type."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}: not valid YAML{where} ({getattr(error, 'problem', None) or error})") from None
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: got {shown(content)}, expected a mapping")
    return content


def shown(value: object) -> str:
    """A value as an error shows it; of a long one, its type."""
    text = "nothing" if value is None else repr(value)
    return text if len(text) < 60 else type(value).__name__

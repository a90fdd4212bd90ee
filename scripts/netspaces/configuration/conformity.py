"""Whether content conforms to a JSON schema: a yes at once, where jsonschema takes many times as long to find no fault.

A no means nothing yet: then jsonschema is asked, which knows what to say, and whose word counts. It is asked too where
a schema has a keyword that is not among these.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

NOTES = {"$schema", "$defs", "description", "markdownDescription", "default"}  # which demand nothing


def is_integer(value: object) -> bool:
    """Whether a value is a whole number for Python: 2.0 and yes are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Whether a value is a number: yes is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def matches(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern, whose $ means the end: Python's means before a last line break too."""
    return re.search(re.sub(r"\$$", r"\\Z", pattern), text) is not None


class Conforms:
    """Whether values conform to schemas of a file; `schemas` are the contents of all files by their names.

    `partial` forgives missing keys, but not those by which alternatives are told apart.
    """

    def __init__(self, schemas: Mapping[str, Any], file: str, partial: bool = False) -> None:
        self.schemas, self.file, self.partial = schemas, file, partial

    def __call__(self, value: Any, schema: Any) -> bool:
        """Whether a value conforms for sure to a schema of the file."""
        if isinstance(schema, bool):
            return schema
        for keyword, wanted in schema.items():
            if keyword not in NOTES and (keyword not in KEYWORDS or not KEYWORDS[keyword](self, value, wanted, schema)):
                return False
        return True


def _reference(conforms: Conforms, value: Any, wanted: str, schema: Mapping) -> bool:
    file, _, path = wanted.partition("#")
    there = Conforms(conforms.schemas, file, conforms.partial) if file else conforms
    named = there.schemas[there.file]
    for part in path.split("/")[1:]:
        named = named[part]
    return there(value, named)


def _any_of(conforms: Conforms, value: Any, wanted: list, schema: Mapping) -> bool:
    whole = Conforms(conforms.schemas, conforms.file)
    return any(whole(value, alternative) for alternative in wanted)


def _type(conforms: Conforms, value: Any, wanted: str | list[str], schema: Mapping) -> bool:
    return TYPES[wanted](value) if isinstance(wanted, str) else any(TYPES[name](value) for name in wanted)


def _enum(conforms: Conforms, value: Any, wanted: list, schema: Mapping) -> bool:
    if isinstance(value, (list, dict)):
        return False
    return any(value == choice and isinstance(value, bool) == isinstance(choice, bool) for choice in wanted)


def _const(conforms: Conforms, value: Any, wanted: Any, schema: Mapping) -> bool:
    return _enum(conforms, value, [wanted], schema)


def _pattern(conforms: Conforms, value: Any, wanted: str, schema: Mapping) -> bool:
    return not isinstance(value, str) or matches(wanted, value)


def _required(conforms: Conforms, value: Any, wanted: list[str], schema: Mapping) -> bool:
    return conforms.partial or not isinstance(value, dict) or all(key in value for key in wanted)


def _properties(conforms: Conforms, value: Any, wanted: Mapping, schema: Mapping) -> bool:
    return not isinstance(value, dict) or all(conforms(value[key], wanted[key]) for key in value if key in wanted)


def _additional(conforms: Conforms, value: Any, wanted: Any, schema: Mapping) -> bool:
    known = schema.get("properties", {})
    return not isinstance(value, dict) or all(conforms(value[key], wanted) for key in value if key not in known)


def _names(conforms: Conforms, value: Any, wanted: Any, schema: Mapping) -> bool:
    return not isinstance(value, dict) or all(conforms(key, wanted) for key in value)


def _items(conforms: Conforms, value: Any, wanted: Any, schema: Mapping) -> bool:
    first = len(schema.get("prefixItems", []))
    return not isinstance(value, list) or all(conforms(item, wanted) for item in value[first:])


def _first_items(conforms: Conforms, value: Any, wanted: list, schema: Mapping) -> bool:
    return not isinstance(value, list) or all(map(conforms, value, wanted))


def _unique(conforms: Conforms, value: Any, wanted: bool, schema: Mapping) -> bool:
    if not wanted or not isinstance(value, list):
        return True
    try:
        return len(set(value)) == len(value)
    except TypeError:  # mappings among them
        return not any(item in value[:index] for index, item in enumerate(value))


def _bound(
    is_bounded: Callable[[Any], bool], holds: Callable[[Any, Any], bool]
) -> Callable[[Conforms, Any, Any, Mapping], bool]:
    """A keyword that bounds values of one kind."""
    return lambda conforms, value, wanted, schema: not is_bounded(value) or holds(value, wanted)


TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": is_integer,
    "number": is_number,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
KEYWORDS: dict[str, Callable[[Conforms, Any, Any, Mapping], bool]] = {
    "$ref": _reference,
    "anyOf": _any_of,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "items": _items,
    "prefixItems": _first_items,
    "uniqueItems": _unique,
    "minimum": _bound(is_number, lambda value, bound: value >= bound),
    "maximum": _bound(is_number, lambda value, bound: value <= bound),
    "exclusiveMinimum": _bound(is_number, lambda value, bound: value > bound),
    "exclusiveMaximum": _bound(is_number, lambda value, bound: value < bound),
    "minLength": _bound(TYPES["string"], lambda value, bound: len(value) >= bound),
    "maxLength": _bound(TYPES["string"], lambda value, bound: len(value) <= bound),
    "minItems": _bound(TYPES["array"], lambda value, bound: len(value) >= bound),
    "maxItems": _bound(TYPES["array"], lambda value, bound: len(value) <= bound),
    "minProperties": _bound(TYPES["object"], lambda value, bound: len(value) >= bound),
}

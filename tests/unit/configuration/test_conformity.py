"""The quick yes to content that conforms to a schema is jsonschema's, and a no is left to jsonschema."""

import pytest
from helpers.configurations import CONFIG
from netspaces.configuration import schemas
from netspaces.configuration.conformity import KEYWORDS, Conforms
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.schemas import Schemas, Validator
from netspaces.configuration.yaml_files import read_yaml
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

NAMES = {"a": {"type": "integer"}, "b": {"const": "x"}}
SCHEMAS = (
    *({"type": kind} for kind in ("object", "array", "string", "integer", "number", "boolean", "null")),
    {"type": ["string", "null"]},
    *({key: 2} for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")),
    *({key: 2} for key in ("minLength", "maxLength", "minItems", "maxItems", "minProperties")),
    {"enum": [1, "x", None]},
    {"enum": [False, 0.5]},
    {"const": True},
    {"const": 0},
    {"pattern": "^[a-x]$"},
    {"required": ["a"]},
    {"properties": NAMES},
    {"properties": NAMES, "additionalProperties": False},
    {"properties": NAMES, "additionalProperties": {"type": "string"}},
    {"propertyNames": {"pattern": "^a$"}},
    {"propertyNames": {"maxLength": 0}, "minProperties": 1},
    {"items": {"type": "integer", "maximum": 1}},
    {"prefixItems": [{"type": "integer"}, {"type": "string"}]},
    {"prefixItems": [{}], "items": False},
    {"uniqueItems": True},
    {"uniqueItems": False},
    {"anyOf": [{"type": "string"}, {"required": ["b"]}, {"const": 3}]},
    {"$defs": {"own": {"$ref": "other#/$defs/deep"}}, "items": {"$ref": "#/$defs/own"}},
)
VALUES = (
    *(None, True, False, 0, 1, 2, 3, 10**400, 0.5, 1.0, 2.5, "", "x", "x\n", "xyz"),
    *([], [1], [1, 1], [1, 1.0], [1, True], ["x", "x"], [1, "x", 2.5], [[1], [1]], [[1], [2]], [["x"]], [1.5, 1]),
    *({}, {"a": 1}, {"a": 1.0, "b": "x"}, {"a": True}, {"a": 1, "b": "y"}, {"b": "x", "c": 1}, {"a": 1, "c": "z"}),
)
OTHER = {"$defs": {"deep": {"anyOf": [{"type": "integer"}, {"items": {"$ref": "#/$defs/deep"}, "type": "array"}]}}}


def is_valid(value: object, schema: dict) -> bool:
    """What jsonschema says."""
    other = Resource.from_contents(OTHER, default_specification=DRAFT202012)
    return Validator(schema, registry=Registry().with_resource("other", other)).is_valid(value)


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_yes_is_jsonschemas_and_it_finds_most_of_them(schema):
    conforms = Conforms({"own": schema, "other": OTHER}, "own")
    valid = [value for value in VALUES if is_valid(value, schema)]
    found = [value for value in VALUES if conforms(value, schema)]
    assert all(any(value is other for other in valid) for value in found)
    assert len(found) >= len(valid) - 3 and valid
    assert len(valid) < len(VALUES) or schema == {"uniqueItems": False}


def test_every_keyword_is_tested():
    assert set(KEYWORDS) == set().union(*SCHEMAS) - {"$defs"} | {"$ref"}


@pytest.mark.parametrize("kind", ["studies", "claims", "design_spaces", "recipes"])
def test_files_that_conform_need_no_jsonschema(kind, monkeypatch):
    """Also each of the keywords that the schemas have is known, or there would be no yes."""
    monkeypatch.setattr(schemas, "Validator", None)
    content = read_yaml(CONFIG / f"{kind}.yaml")
    assert Schemas(CONFIG / "schemas").check(content, f"{kind}.schema.yaml", "file") == content


def test_what_no_keyword_here_speaks_of_is_left_to_jsonschema():
    schema = {"multipleOf": 2}
    assert is_valid(4, schema) and not Conforms({"own": schema}, "own")(4, schema)


def test_missing_keys_are_forgiven_in_a_part_but_not_where_they_tell_alternatives_apart():
    required, chosen = {"required": ["a"]}, {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
    part = Conforms({}, "own", partial=True)
    assert part({}, required) and not part({}, chosen) and part({"b": 1}, chosen)
    assert not Conforms({}, "own")({}, required)


def test_what_is_read_again_is_not_what_a_reader_has_changed(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text("a: [1, {b: 2}]\n")
    first = read_yaml(file)
    first["a"][1]["b"] = 3
    assert read_yaml(file) == {"a": [1, {"b": 2}]}
    file.write_text("a: 2\n")
    assert read_yaml(file) == {"a": 2}
    file.unlink()
    with pytest.raises(ConfigError, match="No such file"):
        read_yaml(file)

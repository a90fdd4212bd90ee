"""Families of design spaces, one file each: rules that turn drawn parameters into the stages of networks."""

from netspaces.plugins.registry import Registry
from netspaces.spaces.family import Family

FAMILIES: Registry[Family] = Registry(
    "family", "FAMILY", "netspaces.spaces.families", entry_type="netspaces.spaces.family.Family"
)

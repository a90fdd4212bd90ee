"""Quantities that claims speak of, of populations or of published models, one file each."""

from netspaces.plugins.registry import Registry
from netspaces.studies.claims.quantity import Quantity

QUANTITIES: Registry[Quantity] = Registry("quantity", "QUANTITY", "netspaces.studies.claims.quantities")

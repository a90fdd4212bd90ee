"""Quantities that claims speak of, of populations or of published models, one file each."""

from typing import TYPE_CHECKING

from netspaces.plugins.registry import Registry

if TYPE_CHECKING:  # a schema asks for names only, which must not cost the import of scipy and pandas
    from netspaces.studies.claims.quantity import Quantity

QUANTITIES: "Registry[Quantity]" = Registry("quantity", "QUANTITY", "netspaces.studies.claims.quantities")

"""Covariates: numbers that describe networks without training them, from which errors are predicted, one file each."""

from typing import TYPE_CHECKING

from netspaces.plugins.registry import Registry

if TYPE_CHECKING:  # a schema asks for names only, which must not cost the import of numpy
    from netspaces.studies.covariate import Covariate

COVARIATES: "Registry[Covariate]" = Registry(
    "covariate", "COVARIATE", "netspaces.studies.covariates", entry_type="netspaces.studies.covariate.Covariate"
)

"""Designing network design spaces: declare, sample, train, decide, draw.

What a notebook needs, without the workflow; every name is imported when it is first used, so that `import netspaces`
costs nothing and only what trains or builds networks imports torch:

    import netspaces

    space = netspaces.space("RegNetX", preset="digits")
    networks = netspaces.sample(space, {"flops": [0.8e6, 1.0e6]}, n=32)
    networks.complexity.flops

Statistics are functions of arrays (`netspaces.statistics` has more of them); tables of populations are pandas' own.
"""

from importlib import import_module

PUBLIC = {
    # networks
    "Architecture": "netspaces.networks.architecture",
    "regnet": "netspaces.networks.widths",
    "build": "netspaces.networks.modules",
    # what a notebook does in one line
    "space": "netspaces.notebook.spaces",
    "sample": "netspaces.notebook.spaces",
    "complexity": "netspaces.notebook.spaces",
    "load_dataset": "netspaces.notebook.training",
    "train": "netspaces.notebook.training",
    "load_network": "netspaces.notebook.training",
    "load_population": "netspaces.notebook.populations",
    "load_record": "netspaces.notebook.populations",
    # statistics
    "edf": "netspaces.statistics.edf",
    "compare": "netspaces.statistics.comparisons",
    "empirical_bootstrap_exact": "netspaces.statistics.best",
    "random_search_exact": "netspaces.statistics.search",
    "bootstrap_interval": "netspaces.statistics.search",
    "Resampling": "netspaces.statistics.intervals",
    # plug-ins
    "load_plugins": "netspaces.plugins.loading",
}
"""The public names and the modules that define them."""

__all__ = list(PUBLIC)


def __getattr__(name: str) -> object:
    if name not in PUBLIC:
        from netspaces.files.suggestions import one_of

        raise AttributeError(f"module 'netspaces' has no attribute {name!r}, expected {one_of(name, PUBLIC)}")
    return getattr(import_module(PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *PUBLIC])

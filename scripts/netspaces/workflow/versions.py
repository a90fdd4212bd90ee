"""Which versions of the engine its patches are written for: they change names that the engine does not promise."""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version


def fits(package: str, series: str, patch: str, say: Callable[[str], object]) -> bool:
    """Whether an installed package is of the series that a patch is written for; if not, `say` says so in one line.

    Parameters
    ----------
    package : name of the distribution.
    series : the first two numbers of its version, "9.27".
    patch : what is left out with other versions.
    """
    try:
        installed = version(package)
    except PackageNotFoundError:  # it is imported, but was installed without saying what it is
        installed = "of an unknown version"
    if installed.split(".")[:2] == series.split("."):
        return True
    say(f"{package} {installed}: {patch} is written for {series} and left out")
    return False

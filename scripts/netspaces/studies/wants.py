"""What figures and tables want of a study's panels: checked at the start, and again where they are drawn.

A module says it as a literal, `WANTS`: by panel ("*" for panels of any name) what its curves must be. The literal is
read without importing the module. No literal, no check.

| key | meaning |
|---|---|
| `curves` | how many there must be |
| `at_least` | how many there must be at least |
| `trained` | none may be imported: the design space, regime and recipe of each are needed |
| `flops` | the regime of each bounds flops, where the figure places it; none may be imported |
| `columns` | columns that the population table of each must have |
| `spaces` | how many different labels there must be |
| `budgets` | each label has one population per number of epochs and repeat, and the first repeat of each |
| `settings` | all panels but those of seeds have the same labels in the same order, and there are two or more; like
budgets, those of one label pair the same networks |
| `finals` | the study says `finals: true` |
| `unshared` | the panel's name is a parameter with a value per stage, which no space shares |
| `optional` | the panel may be left out |
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from netspaces.files.suggestions import one_of

Wants = Mapping[str, Mapping]
SEEDS = "seed"  # panels whose names begin so hold repetitions of the first setting
ANY = "*"
KEYS = frozenset("curves at_least trained flops columns spaces budgets settings finals unshared optional".split())


@dataclass(frozen=True)
class Shown:
    """A curve as far as figures and tables make demands on it.

    `networks` says which they are: design space and regime; `absent` are columns that its table is known to lack.
    """

    label: str
    population: str
    networks: str = ""
    imported: bool = False
    bounds_flops: bool = True
    epochs: int = 0
    repeat: int = 0
    absent: Collection[str] = ()
    shared: Collection[str] = ()


def check_panels(wants: Wants, panels: Mapping[str, Sequence[Shown]], finals: bool = False) -> None:
    """Check the panels of a study; raises ValueError, which begins with `panels`, for what its module cannot take.

    A module of a user whose `WANTS` is none is refused too.
    """
    if not isinstance(wants, Mapping) or not all(isinstance(want, Mapping) for want in wants.values()):
        raise ValueError("panels: WANTS of its module is no mapping of panels to mappings")
    if unknown := [key for want in wants.values() for key in want if key not in KEYS]:
        raise ValueError(
            f"panels: WANTS of its module has a key {unknown[0]!r}, expected {one_of(unknown[0], sorted(KEYS))}"
        )
    missing = [name for name, want in wants.items() if name != ANY and not want.get("optional") and name not in panels]
    if missing or (wants and not panels):
        raise ValueError(f"panels: {missing[0] if missing else 'at least one'} is missing")
    for panel, curves in panels.items():
        if panel not in wants and ANY not in wants:
            raise ValueError(f"panels: {panel} is not known to what makes this study, expected {_names(wants)}")
        try:
            _check_panel(wants.get(panel, wants.get(ANY, {})), panel, curves, finals)
        except ValueError as error:
            raise ValueError(f"panels.{panel}: {error}") from None
    if any("settings" in want for want in wants.values()):
        check_settings({panel: [curve.label for curve in curves] for panel, curves in panels.items()})
        try:
            _check_same_networks([curve for curves in panels.values() for curve in curves])
        except ValueError as error:
            raise ValueError(f"panels: {error}") from None


def _names(wants: Wants) -> str:
    return f"of {', '.join(wants)}" if wants else "no panels"


def _check_panel(want: Mapping, panel: str, curves: Sequence[Shown], finals: bool) -> None:
    """Check one panel; raises ValueError."""
    n, labels = len(curves), list(dict.fromkeys(curve.label for curve in curves))
    populations = [curve.population for curve in curves]
    if twice := [name for name in populations if populations.count(name) > 1]:
        raise ValueError(f"{twice[0]} stands there twice, expected each once")
    if n != want.get("curves", n) or n < want.get("at_least", 1):
        expected = want.get("curves") or f"at least {want['at_least']}"
        raise ValueError(f"got {n} curves, expected {expected}")
    if len(labels) != want.get("spaces", len(labels)):
        raise ValueError(f"got {len(labels)} different labels ({', '.join(labels)}), expected {want['spaces']}")
    if want.get("finals") and not finals:
        raise ValueError("shows final trainings, expected finals: true in the study")
    for curve in curves:
        _check_curve(want, panel, curve)
    if want.get("budgets"):
        check_budgets([(curve.label, curve.epochs, curve.repeat) for curve in curves])
        _check_same_networks(curves)


def _check_same_networks(curves: Sequence[Shown]) -> None:
    """Check that curves of one label, whose networks are paired, have the same ones; raises ValueError."""
    first: dict[str, Shown] = {}
    for curve in curves:
        other = first.setdefault(curve.label, curve)
        if curve.networks != other.networks:
            pair = f"{curve.population} has other networks than {other.population}"
            raise ValueError(f"{curve.label}: {pair}, expected one design space and regime")


def _check_curve(want: Mapping, panel: str, curve: Shown) -> None:
    """Check one curve; raises ValueError."""
    if curve.imported and (want.get("trained") or want.get("flops")):
        raise ValueError(f"{curve.population} is imported, expected populations that are trained here")
    if want.get("flops") and not curve.bounds_flops:
        raise ValueError(f"the regime of {curve.population} does not bound flops, expected one that does")
    if lacking := [name for name in want.get("columns", ()) if name in curve.absent]:
        raise ValueError(f"the table of {curve.population} has no column {lacking[0]}, expected one")
    if want.get("unshared") and panel in curve.shared:
        raise ValueError(f"{curve.label} shares {panel}, expected spaces whose stages differ in it")


def check_budgets(runs: Sequence[tuple[str, int, int]]) -> None:
    """Check populations (label, epochs, repeat) of training budgets; raises ValueError naming the label."""
    for label in dict.fromkeys(label for label, *_ in runs):
        own = [(epochs, repeat) for of, epochs, repeat in runs if of == label]
        if len(set(own)) < len(own) or {e for e, _ in own} != {e for e, repeat in own if repeat == 0}:
            raise ValueError(f"{label}: expected one population per number of epochs and repeat, repeat 0 for each")


def check_settings(labels: Mapping[str, Sequence[str]]) -> None:
    """Check the labels of each panel of a study of settings; raises ValueError."""
    settings = [list(dict.fromkeys(own)) for panel, own in labels.items() if not panel.startswith(SEEDS)]
    if len(settings) < 2 or any(own != settings[0] for own in settings):
        raise ValueError("panels: expected two settings or more with the same design spaces in the same order")
    repeated = [label for panel, own in labels.items() if panel.startswith(SEEDS) for label in own]
    if unknown := [label for label in repeated if label not in settings[0]]:
        raise ValueError(f"panels: {SEEDS}s: {unknown[0]} is in no setting")

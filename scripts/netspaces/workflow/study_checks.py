"""Studies at the start: whether their panels are what the figure or table that makes them can take."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from netspaces.configuration.configuration import Configuration
from netspaces.configuration.curves import IMPORTED
from netspaces.configuration.errors import ConfigError
from netspaces.spaces.definition import family_of
from netspaces.spaces.families import FAMILIES
from netspaces.spaces.family import recorded_parameters
from netspaces.studies.wants import Shown, check_panels
from netspaces.workflow.study_rules import ALL_SUMMARIES, REGISTRIES, StudyRule


def check_studies(rules: Mapping[str, StudyRule], studies: Iterable[str]) -> None:
    """Check some studies that have a rule, those of the default target; raises ConfigError naming study and panel."""
    for rule in (rules[name] for name in studies if name in rules and name not in ALL_SUMMARIES):
        wants = REGISTRIES[rule.kind].literal(rule.module, "WANTS")
        if wants is None:
            continue
        panels = {panel: [shown(curve, rule.configuration) for curve in own] for panel, own in rule.panels.items()}
        try:
            check_panels(wants, panels, bool(rule.declared.get("finals")))
        except ValueError as error:
            source = rule.configuration.sources[rule.name]
            raise ConfigError(f"{source}: {rule.name}.{error}, by the {rule.kind} {rule.module}") from None


def check_imported_files(configuration: Configuration) -> None:
    """Raise ConfigError if a file or folder is missing that a study of the default target imports."""
    for study in configuration.run_studies:
        for curve in (
            curve for curves in configuration.curves(study).values() for curve in curves if IMPORTED in curve
        ):
            name = curve[IMPORTED]
            file = configuration.settings[IMPORTED][name]["file"]
            if not Path(file).exists():
                found = f"{IMPORTED}.{name}.file: got {file!r}, expected a file, or the folder that its format reads"
                raise ConfigError(f"{configuration.sources[study]}: {study}: {found} (from {Path.cwd()})")


def shown(curve: Mapping, configuration: Configuration) -> Shown:
    """A curve of the configuration as figures and tables make demands on it."""
    if IMPORTED in curve:
        return Shown(curve["label"], curve["population"], curve["population"], imported=True)
    settings, definition = configuration.settings, configuration.spaces[curve["space"]]
    return Shown(
        label=curve["label"],
        population=curve["population"],
        networks=f"{curve['space']}-{curve['regime']}",
        bounds_flops="flops" in settings["regimes"][curve["regime"]],
        epochs=settings["recipes"][curve["recipe"]]["epochs"],
        repeat=curve["repeat"],
        absent=set(recorded_parameters(FAMILIES.values())).difference(family_of(definition).recorded),
        shared=definition.get("shared", ()),
    )

"""What the rule that packs a bundle says: what goes into it, and what it is told of the configuration."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from netspaces.configuration.configuration import Configuration
from netspaces.workflow.paths import Paths
from netspaces.workflow.resolved import resolved
from netspaces.workflow.study_rules import SUMMARIES, StudyRule


@dataclass(frozen=True)
class BundleRule:
    """The rule of the bundle of a preset: of what its default target makes.

    Parameters
    ----------
    configuration : of the preset.
    paths : the files of the preset.
    root : the folder of the repository, absolute.
    rules : of studies and summaries, by name.
    """

    configuration: Configuration
    paths: Paths
    root: Path
    rules: dict[str, StudyRule]

    @property
    def _own_rules(self) -> list[StudyRule]:
        wanted = [*self.configuration.run_studies, *SUMMARIES]
        return [rule for name in wanted for rule in self.rules.values() if name in (rule.name, rule.of)]

    @property
    def files(self) -> list[str]:
        """Figures and tables in every format, and the measurements that they rest on."""
        files = [file for rule in self._own_rules for file in (*rule.files, *rule.inputs.values())]
        return list(dict.fromkeys(files))

    @property
    def environment(self) -> list[str]:
        """The files that pin what is installed."""
        files = [self.root / "requirements.txt", *sorted((self.root / "envs").glob("*.yaml"))]
        return [os.path.relpath(file) for file in files]

    @property
    def dictionary(self) -> str:
        """The page that says what columns mean."""
        return os.path.relpath(self.root / "docs" / "reference" / "data_dictionary.md")

    @property
    def own(self) -> list[str]:
        """The populations whose networks are trained here."""
        return [name for name in self.configuration.run_populations if name in self.configuration.populations]

    @property
    def told(self) -> dict:
        """What the bundle says of itself, and the complete configuration."""
        project = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return {
            "preset": self.configuration.name,
            "version": project["version"],
            "configuration": resolved(self.configuration),
            "titles": {rule.name: rule.title for rule in self._own_rules},
            "stated": dict(self.configuration.settings.get("bundle", {})),
        }

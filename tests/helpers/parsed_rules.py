"""The rules as the engine parses them. Run as a script, it prints as JSON what each of them says of its code."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

REPOSITORY = Path(__file__).parents[2]


def parsed_rules(folder: Path, **config) -> dict[str, dict]:
    """By rule, the name of its script, and its params. A digest is shown as what it is the digest of.

    Params that are functions are evaluated for one population; those that need more are left out.
    """
    command = [sys.executable, __file__, str(folder), json.dumps(config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=4 * 3600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def _parse(folder: str, config: dict) -> dict[str, dict]:
    from netspaces.workflow.digests import Sources
    from snakemake.api import SnakemakeApi
    from snakemake.settings.types import ConfigSettings, OutputSettings, ResourceSettings

    Sources.digest_of = lambda self, entry, used=None: {"entry": entry, "used": used}
    with SnakemakeApi(OutputSettings()) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(config=config),
            snakefile=REPOSITORY / "Snakefile",
            workdir=Path(folder),
        )._workflow
    population = next(iter(workflow.globals["POPULATIONS"]))
    imported = next(iter(workflow.globals["IMPORTED"]), None)
    predictions = next(iter(workflow.globals["PREDICTIONS"]), None)
    wildcards = SimpleNamespace(
        population=population, imported=imported, predictions=predictions, shard="00000", repeat="0"
    )
    return {
        rule.name: {"script": rule.script and Path(str(rule.script)).name, "params": _values(rule.params, wildcards)}
        for rule in workflow.rules
    }


def _values(params: object, wildcards: SimpleNamespace) -> dict[str, object]:
    values = {}
    for name, value in params.items():
        try:
            values[name] = value(wildcards) if callable(value) else value
            json.dumps(values[name])
        except (KeyError, TypeError):
            values.pop(name, None)
    return values


if __name__ == "__main__":
    sys.path.insert(0, str(REPOSITORY / "scripts"))
    print(json.dumps(_parse(sys.argv[1], json.loads(sys.argv[2]))))

"""What every run of the engine begins with, once; then, in each child, the engine itself: see `helpers.engine`.

That is to import the engine, its plug-ins, and what rules import, and to read files of configuration and sources, of
which a process remembers what it has read before by their content. The processes that jobs are forked from serve all
engines, and end with this one; each engine in a process of its own starts its own, which `test_forks.py` is about.
"""

import json
import os
import re
import signal
import sys
from pathlib import Path

import smart_open  # noqa: F401 - which the engine imports as it reads the first rules
from netspaces.configuration.loading import load
from netspaces.workflow import engine, forks
from netspaces.workflow.digests import Sources
from snakemake.cli import get_argument_parser, main

if __name__ == "__main__":
    sys.path[0] = os.getcwd()  # as `python -m snakemake` has it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["snakemake", *json.loads(os.environ.pop("ENGINE_ARGUMENTS"))]
    main()

scripts = Path(forks.SCRIPTS)
for rules in scripts.with_name("rules").glob("*.smk"):
    for line in re.findall(r"^(?:from|import) .*$", rules.read_text(encoding="utf-8"), re.MULTILINE):
        exec(line, {})
get_argument_parser()
load({}, scripts.with_name("config"), [str(scripts.with_name("tests") / "workflow" / "tiny.yaml")])
sources = Sources()
for script in scripts.glob("*.py"):
    sources.digest_of(script.name)
for first, *_ in (engine.TRAINING, engine.ANALYSES):
    forks.start_server(str(scripts / first))

"""The imports of the engine and of all rules, once; then, in each child, the engine itself: see `helpers.engine`."""

import json
import os
import re
import signal
import sys
from pathlib import Path

from netspaces.workflow.forks import SCRIPTS
from snakemake.cli import main

if __name__ == "__main__":
    sys.path[0] = os.getcwd()  # as `python -m snakemake` has it
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["snakemake", *json.loads(os.environ.pop("ENGINE_ARGUMENTS"))]
    main()

for rules in Path(SCRIPTS).with_name("rules").glob("*.smk"):
    for line in re.findall(r"^(?:from|import) .*$", rules.read_text(encoding="utf-8"), re.MULTILINE):
        exec(line, {})

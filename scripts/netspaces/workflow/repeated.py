"""Lines that many jobs say alike, a damaged dataset or a full disk: the first is said, the others are counted.

The jobs of one run are processes of their own. They share a folder of this machine, which the process that schedules
makes and names in their environment; it says at its end how many lines were like which. Jobs on other machines have
logs of their own, and say everything.
"""

import atexit
import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from netspaces.files.safe import DAY, without_numbers

FOLDER = "NETSPACES_REPEATED"
PREFIX = "netspaces-lines-"


def is_first(line: str) -> bool:
    """Whether no job of this run has said such a line; if one has, it is counted. True without a shared folder."""
    name = hashlib.sha256(without_numbers(line).encode(errors="replace")).hexdigest()[:20]
    path = Path(os.environ.get(FOLDER, ""), name)
    if not path.is_absolute():
        return True
    append = os.O_WRONLY | os.O_APPEND
    with suppress(OSError):
        try:
            first = os.open(path, append | os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            with open(os.open(path, append), "wb") as file:
                file.write(b"\n")
            return False
        with open(first, "wb") as file:
            file.write(line.encode(errors="backslashreplace") + b"\n")
    return True


def count_repeated(say: Callable[[str], object]) -> None:
    """Have the jobs that this process starts count what they say alike; `say` says at its end how often they did."""
    with suppress(OSError):  # without the folder every job says everything
        remove_old_folders(Path(tempfile.gettempdir()))
        folder = tempfile.mkdtemp(prefix=PREFIX)
        fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_EX)  # until this process ends, however it ends
        os.environ[FOLDER] = folder
        atexit.register(conclude, Path(folder), say)


def remove_old_folders(within: Path) -> None:
    """Remove the folders of runs that were killed more than a day ago."""
    for path in within.glob(f"{PREFIX}*"):
        with suppress(OSError):
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                if time.time() - os.fstat(folder).st_mtime > DAY:
                    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(folder)


def conclude(folder: Path, say: Callable[[str], object]) -> None:
    """Say how many lines were like which, and remove the folder."""
    for path in sorted(folder.glob("*"), key=lambda path: path.stat().st_ctime):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        if len(lines) > 1:
            say(f"{len(lines) - 1} more like it: {max(lines, key=len)}")
    shutil.rmtree(folder, ignore_errors=True)

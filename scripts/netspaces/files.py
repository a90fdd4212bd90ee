"""Files that matter: written under a temporary name and renamed, so that a reader never sees half of one.

Also the base of the errors that say in one line what is wrong with a file.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO


class OneLineError(ValueError):
    """Something wrong with what a user gave; the message, one line, names the file or the key and what was expected."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


def write_atomically(path: str | Path, write: Callable[[BinaryIO], object]) -> None:
    """Call `write(file)` on a temporary file beside `path`, then rename it; two writers of one path do no harm."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        with open(temporary, "xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno and error.filename is None:  # a full disk names no file
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def write_text(path: str | Path, text: str) -> None:
    """Write a text file atomically, UTF-8."""
    write_atomically(path, lambda file: file.write(text.encode()))


def write_json(path: str | Path, content: object) -> None:
    """Write JSON atomically; refuses NaN and infinities, which JSON does not have."""
    write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def digest(paths: Iterable[str | Path]) -> str:
    """A short hash of the contents of source files: what a result rests on, as a rule's param."""
    content = hashlib.sha256()
    for path in sorted(map(Path, paths)):
        content.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return content.hexdigest()[:16]

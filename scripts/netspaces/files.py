"""Files that matter: written under a temporary name and renamed, so that a reader never sees half of one.

JSON files carry a digest of what they say, which is checked when they are read. Also the base of the errors that say in
one line what is wrong with a file.
"""

import hashlib
import json
import os
import reprlib
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import BinaryIO


class OneLineError(ValueError):
    """Something wrong with what a user gave; the message, one line, names the file or the key and what was expected."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class DamagedFile(OneLineError):
    """A file of the workflow's own that does not say what was written into it, or is of another kind."""

    def __init__(self, path: str | Path, why: str, remedy: str = "remove it and run again") -> None:
        super().__init__(f"{path} is damaged ({why}): {remedy}")
        self.why = why


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


# ---- JSON that is checked --------------------------------------------------------------------------------------------


def json_digest(contents: Mapping) -> str:
    """The sha256 of what a JSON object says, 64 hexadecimal digits; the order of keys and white space do not count."""
    return hashlib.sha256(json.dumps(contents, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def write_json(path: str | Path, contents: Mapping) -> None:
    """Write a JSON object atomically, and as its last key `digest` what `json_digest` makes of the others.

    Raises ValueError for NaN and infinities, which JSON does not have.
    """
    plain = json.loads(json.dumps(contents, allow_nan=False))  # as it will be read: every key is text
    write_text(path, json.dumps({**plain, "digest": json_digest(plain)}, indent=1) + "\n")


def read_json(path: str | Path, what: str, keys: Collection[str] = (), digest_needed: bool = True) -> dict:
    """What `write_json` wrote, without the digest.

    Parameters
    ----------
    path : of the file.
    what : is expected in it, such as "limits on complexity", for messages.
    keys : that it needs to have; a file with others only is of another kind.
    digest_needed : False also accepts a file without one, which a version before digests wrote.

    Raises DamagedFile if it is no JSON object, lacks a key, or says something else than what was written;
    FileNotFoundError and other OSErrors as they come.
    """
    try:
        contents = json.loads(Path(path).read_text(encoding="utf-8"))
    except IsADirectoryError:
        raise DamagedFile(path, f"a folder, expected {what}") from None
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise DamagedFile(path, f"not JSON: {reason}; expected {what}") from None
    if not isinstance(contents, dict):
        raise DamagedFile(path, f"holds {reprlib.repr(contents)}, expected {what}")
    given = contents.get("digest")
    if isinstance(given, str) and len(given) == 64:
        if contents.pop("digest") != json_digest(contents):
            raise DamagedFile(path, f"its digest is not that of its contents, expected {what}")
    elif digest_needed:
        raise DamagedFile(path, f"it has no digest, expected {what}")
    if missing := [key for key in keys if key not in contents]:
        raise DamagedFile(path, f"it has no {missing[0]}, expected {what}")
    return contents


# ---- Digests of source files -----------------------------------------------------------------------------------------


def digest(paths: Iterable[str | Path]) -> str:
    """A short hash of the contents of source files: what a result rests on, as a rule's param."""
    content = hashlib.sha256()
    for path in sorted(map(Path, paths)):
        content.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return content.hexdigest()[:16]

"""Files that matter: written under a temporary name and renamed, so that a reader never sees half of one.

JSON files carry a digest of what they say, which is checked when they are read. Also the base of the errors that say in
one line what is wrong with a file.
"""

import errno
import fcntl
import hashlib
import json
import os
import re
import reprlib
import stat
import time
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

LONG_WORD = re.compile(r"([^\s/]{77})[^\s/]{122,}([^\s/])")  # paths may be long


class OneLineError(ValueError):
    """Something wrong with what a user gave; the message, one line, names the file or the key and what was expected.

    Of a word of more than 200 characters, which somebody gave, its beginning stands there.
    """

    def __init__(self, message: str) -> None:
        super().__init__(LONG_WORD.sub(r"\1...\2", " ".join(message.split())))


class OneLineWarning(UserWarning):
    """Something that a user should see though the job goes on; the message is one line and names the file."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class DamagedFile(OneLineError):
    """A file of the workflow's own that does not say what was written into it, or is of another kind."""

    def __init__(self, path: str | Path, why: str, remedy: str = "remove it and run again") -> None:
        super().__init__(f"{path} is damaged ({why}): {remedy}")
        self.path = Path(path)
        self.why = why


def without_numbers(line: str) -> str:
    """A line without what differs between jobs that fail alike: keys of runs, numbers, times.

    >>> without_numbers("network 7: tried 3.2 GB")
    'network #: tried # GB'
    """
    return re.sub(r"\b[0-9a-f]{20}\b|\d[\d:.T-]*", "#", line)


def write_atomically(path: str | Path, write: Callable[[BinaryIO], object]) -> None:
    """Call `write(file)` on a temporary file beside `path`, then rename it; two writers of one path do no harm.

    What killed writers of the same path left behind is removed.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    file = _new_temporary(path)
    temporary = Path(file.name)
    try:
        with errors_name(path), file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
            os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    remove_leftovers(path.parent, [path.name])


@contextmanager
def errors_name(path: str | Path) -> Iterator[None]:
    """Errors of the system that name no file, as that of a full disk, name this one."""
    try:
        yield
    except OSError as error:
        if error.errno and error.filename is None:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def check_regular(path: str | Path, what: str) -> None:
    """Raise DamagedFile for a folder, a pipe (which would be waited for), a device, or a link that leads to itself.

    `what` is expected in the file, for the message. FileNotFoundError and other OSErrors come as they are.
    """
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise DamagedFile(path, f"a link that leads to itself, expected {what}") from None
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise DamagedFile(path, f"{kind}, expected {what}")


def set_aside(error: DamagedFile, consequence: str) -> None:
    """Rename a damaged file to `*.damaged`, and warn in one line; `consequence` says what follows."""
    aside = error.path.with_name(f"{error.path.name}.damaged")
    with suppress(FileNotFoundError):  # another job has done so
        error.path.replace(aside)
    warnings.warn(
        OneLineWarning(f"{error.path} is damaged ({error.why}), now {aside.name}: {consequence}"), stacklevel=2
    )


# ---- Temporary files -------------------------------------------------------------------------------------------------

TEMPORARY = re.compile(r"\.(?P<of>.+)\.[0-9a-f]{16}")
DAY = 86_400  # seconds


def remove_leftovers(folder: str | Path, names: Collection[str] | None = None) -> int:
    """Remove the temporary files in a folder whose writers were killed; returns how many.

    Parameters
    ----------
    folder : is not searched deeper.
    names : of files; their temporary files are removed unless a writer, on whatever machine, still owns them. None: of
        all files, those that have not been written for a day.

    A file that cannot be removed stays.
    """
    removed = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = entry.name[0] == "." and TEMPORARY.fullmatch(entry.name)
            if found and (names is None or found["of"] in names):
                old = time.time() - entry.stat().st_mtime > DAY
                removed += (old or names is not None) and _remove_unowned(entry.path, old)
    return removed


def remove_old_leftovers(folder: str | Path) -> int:
    """Remove what killed writers left more than a day ago in a folder and all folders below it; returns how many."""
    return sum(remove_leftovers(parent) for parent, _, _ in os.walk(folder))


def _new_temporary(path: Path) -> BinaryIO:
    """A temporary file beside `path`, owned by a lock until it is closed or its writer ends, however it ends."""
    while True:
        file = open(path.with_name(f".{path.name}.{os.urandom(8).hex()}"), "xb")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            taken = not os.path.exists(file.name)
        except BlockingIOError:
            taken = True  # for a leftover, by another writer of this path that has just ended
        except OSError:  # a file system without locks
            taken = False
        if not taken:
            return file
        file.close()


def _remove_unowned(path: str, old: bool) -> bool:
    """Remove a temporary file unless its writer lives; where locks cannot tell, one that is old."""
    with suppress(OSError), open(path, "r+b") as file:  # writable, as network file systems want for a lock
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            if not old:
                return False
        os.unlink(path)
        return True
    return False


def write_text(path: str | Path, text: str) -> None:
    """Write a text file atomically, UTF-8."""
    write_atomically(path, lambda file: file.write(text.encode()))


# ---- JSON that is checked --------------------------------------------------------------------------------------------


def json_digest(contents: Mapping) -> str:
    """The sha256 of what a JSON object says, 64 hexadecimal digits; the order of keys and white space do not count."""
    return hashlib.sha256(json.dumps(contents, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def write_json(path: str | Path, contents: Mapping) -> None:
    """Write `json_text` atomically."""
    write_text(path, json_text(contents))


def json_text(contents: Mapping) -> str:
    """A JSON object as the text of a file, with what `json_digest` makes of its keys as its last key `digest`.

    Raises ValueError for NaN and infinities, which JSON does not have.
    """
    plain = json.loads(json.dumps(contents, allow_nan=False))  # as it will be read: every key is text
    return json.dumps({**plain, "digest": json_digest(plain)}, indent=1) + "\n"


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
    check_regular(path, what)
    try:
        contents = json.loads(Path(path).read_text(encoding="utf-8"))
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

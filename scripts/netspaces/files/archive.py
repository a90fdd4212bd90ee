"""Archives that are passed on: zip files that hold the checksums of what is in them, and are the same bytes every time.

`SHA256SUMS` in an archive is what `sha256sum --check` understands once it is unpacked. Nothing of a file is used before
its checksum was found right, and no name leads out of the folder that it is unpacked into.
"""

import errno
import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from netspaces.files.safe import DamagedFile, check_regular, write_atomically

SUMS = "SHA256SUMS"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first day that zip files know; when files were packed is no part of them
READABLE = 0o100644 << 16
PACKED_ALREADY = (".parquet", ".png", ".pdf")
REMEDY = "get or make it again"
FAULTS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError)
"""What reading a zip file that is damaged, encrypted or packed in another way may raise."""


def write_archive(path: str | Path, contents: Mapping[str, bytes | Path]) -> None:
    """Write an archive atomically.

    Parameters
    ----------
    path : of the archive.
    contents : by name, with `/` between folders: bytes, or the file that holds them. The order of names does not count.
    """
    write_atomically(path, lambda file: _pack(file, contents))


def names_in_archive(path: str | Path, what: str) -> list[str]:
    """The names of the files of an archive, in their order; parameters and errors are those of `read_archive`."""
    with _opened(path, what) as (_, sums):
        return list(sums)


def read_archive(path: str | Path, what: str, wanted: Callable[[str], bool] = lambda name: True) -> dict[str, bytes]:
    """The files of an archive whose names are wanted, by name, in the order of their names.

    `what` is expected, for messages. Raises DamagedFile if the file is no archive of `write_archive`, or if a wanted
    file is not what was packed; OSErrors as they come.
    """
    with _opened(path, what) as (archive, sums):
        return {name: _checked(path, archive, name, sums[name]) for name in sums if wanted(name)}


def unpack_archive(
    path: str | Path, folder: str | Path, what: str, wanted: Callable[[str], bool] = lambda name: True
) -> None:
    """Write the wanted files of an archive into a folder; errors are those of `read_archive`."""
    for name, content in read_archive(path, what, wanted).items():
        file = Path(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _pack(file: object, contents: Mapping[str, bytes | Path]) -> None:
    sums = []
    with zipfile.ZipFile(file, "w") as archive:  # type: ignore[call-overload]
        for name, content in sorted(contents.items()):
            data = content if isinstance(content, bytes) else content.read_bytes()
            archive.writestr(_entry(name), data)
            sums.append(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
        archive.writestr(_entry(SUMS), "".join(sums).encode())


def _entry(name: str) -> zipfile.ZipInfo:
    """What a zip file says of a file: nothing of when and where it was packed."""
    entry = zipfile.ZipInfo(name, LONG_AGO)
    entry.create_system, entry.external_attr = 3, READABLE  # as on Unix
    entry.compress_type = zipfile.ZIP_STORED if name.endswith(PACKED_ALREADY) else zipfile.ZIP_DEFLATED
    return entry


@contextmanager
def _opened(path: str | Path, what: str) -> Iterator[tuple[zipfile.ZipFile, dict[str, str]]]:
    """An archive and its checksums by name; whatever is wrong with it raises DamagedFile."""
    check_regular(path, what)
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive, _sums(path, archive, what)
    except (*FAULTS, OSError) as error:
        sought_nowhere = isinstance(error, OSError) and error.errno == errno.EINVAL  # by what a damaged file says
        if isinstance(error, DamagedFile) or (isinstance(error, OSError) and not sought_nowhere):
            raise
        raise DamagedFile(path, f"{error}; expected {what}", REMEDY) from None


def _sums(path: str | Path, archive: zipfile.ZipFile, what: str) -> dict[str, str]:
    """The checksums by name, of exactly the files that are in the archive."""
    names = archive.namelist()
    if SUMS not in names:
        raise DamagedFile(path, f"it has no {SUMS}, expected {what}", REMEDY)
    sums = {}
    for line in archive.read(SUMS).decode("utf-8", "replace").splitlines():
        digest, _, name = line.partition("  ")
        sums[name] = digest
    if odd := sorted({*sums, SUMS} ^ set(names)) + [name for name in sums if not _is_plain(name)]:
        raise DamagedFile(path, f"{odd[0]!r} is not in it and in its {SUMS}, by a plain name; expected {what}", REMEDY)
    return sums


def _is_plain(name: str) -> bool:
    """Whether a name leads to a file below the folder that it is unpacked into."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and ".." not in parts and "\\" not in name and ":" not in name


def _checked(path: str | Path, archive: zipfile.ZipFile, name: str, digest: str) -> bytes:
    content = archive.read(name)
    if hashlib.sha256(content).hexdigest() != digest:
        raise DamagedFile(path, f"{name} does not have the digest in {SUMS}", REMEDY)
    return content

"""Files of other people: what they hold as text, whatever wrote them, or one line that says what is wrong with them."""

import gzip
import io
import lzma
import zipfile
import zlib
from pathlib import Path

from netspaces.files.safe import OneLineError

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class ImportFileError(OneLineError):
    """A file that is not in the format it is said to be; one line names the file, the job or row, and the key."""


def read_text(path: Path) -> str:
    """The text of a file, which may be compressed with gzip. It is UTF-8, or starts with a mark that says otherwise."""
    content = _unpacked(path, read_bytes(path))
    encoding = next((name for mark, name in BYTE_ORDER_MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ImportFileError(f"{path}: line {line} is not UTF-8, expected a text file in UTF-8") from None
    if "\0" in text:
        raise ImportFileError(f"{path}: is not text, expected a text file in UTF-8")
    return text


def check_file(path: Path) -> None:
    """Raise ImportFileError for what is not there, or no file."""
    if not path.exists():
        broken = (
            f": a link to {path.readlink()}, which does not exist" if path.is_symlink() else ": there is no such file"
        )
        raise ImportFileError(f"{path}{broken}")
    if not path.is_file():
        kind = "a directory" if path.is_dir() else "not a regular file"
        raise ImportFileError(f"{path}: is {kind}, expected a file")


def read_bytes(path: Path) -> bytes:
    """The bytes of a file; raises ImportFileError for what cannot be read as one."""
    check_file(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImportFileError(f"{path}: cannot be read ({error.strerror})") from None


def _unpacked(path: Path, content: bytes) -> bytes:
    """The content, or that of the one file that a gzip or zip file holds."""
    try:
        if content.startswith(GZIP):
            return gzip.decompress(content)
        if content.startswith(ZIP):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if len(archive.namelist()) != 1:
                    raise ImportFileError(f"{path}: a zip file of {len(archive.namelist())} files, expected one")
                return archive.read(archive.namelist()[0])
    except (OSError, EOFError, RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise ImportFileError(f"{path}: damaged archive ({error})") from None
    return content

"""Images in files: deep, huge and damaged ones are refused by name; those of any other kind become bytes."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from helpers.small_sources import encoded, picture
from netspaces.data.errors import DatasetError
from netspaces.data.images import EncodedImages, Fitted
from PIL import Image


def png(bits: int, kind: int, channels: int, size: tuple[int, int] = (4, 4)) -> bytes:
    """A PNG file of zeros with that many bits per channel; `kind` is PNG's colour type."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", *size, bits, kind, 0, 0, 0))]
    rows = (b"\0" + bytes(-(-size[0] * channels * bits // 8))) * size[1]
    parts += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def tiff(bits: int, channels: int) -> bytes:
    """An uncompressed TIFF file of 4 x 4 zeros."""
    end = 8 + 2 + 12 * 9 + 4  # of the header and the directory; three numbers of bits and the pixels follow
    size, long, short = 2 * channels * bits, 4, 3
    entries = [(256, short, 1, 4), (257, short, 1, 4), (258, short, channels, end if channels > 1 else bits)]
    entries += [(259, short, 1, 1), (262, short, 1, 2 if channels > 1 else 1), (273, long, 1, end + 6)]
    entries += [(277, short, 1, channels), (278, short, 1, 4), (279, long, 1, size)]
    directory = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<2sHIH", b"II", 42, 8, 9) + directory + struct.pack("<IHHH", 0, *[bits] * 3) + bytes(size)


def decode(content: bytes | Path, channels: int = 3, short: int = 4) -> np.ndarray:
    return EncodedImages((1, 4, 4, channels), lambda: iter([]), Fitted(short, 4, channels)).decode(("it", content))


def refused(content: bytes | Path, channels: int = 3, short: int = 4) -> str:
    with pytest.raises(DatasetError) as error:
        decode(content, channels, short)
    assert "\n" not in str(error.value)
    return str(error.value)


DEEP = {
    "grey PNG": png(16, 0, 1),
    "colour PNG": png(16, 2, 3),
    "grey PNG with alpha": png(16, 4, 2),
    "colour PNG with alpha": png(16, 6, 4),
    "colour PPM": b"P6 4 4 65535\n" + bytes(96),
    "PPM of 12 bits": b"P6 4 4 4095\n" + bytes(96),
    "grey PGM": b"P5 4 4 65535\n" + bytes(32),
    "colour TIFF": tiff(16, 3),
    "grey TIFF": tiff(16, 1),
    "float TIFF": encoded(Image.new("F", (4, 4)), "TIFF"),
    "TIFF of 32 bits": encoded(Image.new("I", (4, 4)), "TIFF"),
}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("content", DEEP.values(), ids=list(DEEP))
def test_more_than_eight_bits_per_channel_are_refused_by_the_files_own_header(content, channels):
    message = refused(content, channels)
    assert message.startswith("it: not a usable image (") and message.endswith(" bits per channel, expected 8)")


SHALLOW = {
    "two-coloured PNG": png(1, 0, 1),
    "PNG of 4 bits": png(4, 0, 1),
    "colour PNG": png(8, 2, 3),
    "colour TIFF": tiff(8, 3),
    "PGM of 4 bits": b"P5 4 4 15\n" + bytes(16),
    "PBM": b"P1 4 4\n" + b"1 " * 16,
    "BMP of 16 bits per pixel": struct.pack("<2sI4xII2i2H6I", b"BM", 86, 54, 40, 4, 4, 1, 16, 0, 32, *[0] * 4)
    + bytes(32),
}


@pytest.mark.parametrize("content", SHALLOW.values(), ids=list(SHALLOW))
def test_eight_bits_or_fewer_are_read(content):
    assert np.array_equal(decode(content), np.zeros((4, 4, 3)))


@pytest.mark.parametrize("mode, kind", [("P", "PNG"), ("P", "GIF"), ("LA", "PNG"), ("RGBA", "WEBP"), ("L", "JPEG")])
def test_palettes_grey_and_alpha_become_colour_or_grey(mode, kind):
    content = encoded(picture(0, (4, 4)).convert(mode), kind)
    with Image.open(io.BytesIO(content)) as image:
        expected = {channels: np.asarray(image.convert(to)) for channels, to in ((3, "RGB"), (1, "L"))}
    for channels, pixels in expected.items():
        assert np.array_equal(decode(content, channels), pixels.reshape(4, 4, channels))


def test_a_jpeg_of_print_colours_is_read():
    pixels = decode(encoded(Image.new("CMYK", (4, 4), (0, 255, 255, 0)), "JPEG"))
    assert pixels[..., 0].min() > 240 and pixels[..., 1:].max() < 15


def test_the_orientation_that_a_camera_notes_is_ignored():
    image, exif = picture(0, (4, 4)), Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    image.save(file, "PNG", exif=exif)
    assert np.array_equal(decode(file.getvalue()), np.asarray(image))


# ---- Size ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(2_000_000, 1), (1, 2_000_000)])
def test_an_image_that_would_grow_beyond_bounds_is_refused_before_it_is_resized(size):
    message = refused(encoded(Image.new("L", size)), short=64)
    assert message.startswith(
        f"it: not a usable image ({size[0]:,} x {size[1]:,} pixels would be 128,000,000 pixels lo"
    )


@pytest.mark.parametrize("size", [(10_000, 10_000), (100_000, 100_000)])
@pytest.mark.filterwarnings("ignore:Image size")
def test_a_file_that_unfolds_to_too_many_pixels_is_refused_before_it_is_decoded(size, monkeypatch):
    monkeypatch.setattr(Image.Image, "resize", None)
    header = png(8, 0, 1)[:16] + struct.pack(">II", *size) + b"\x08\0\0\0\0"
    header += struct.pack(">I", zlib.crc32(header[12:]))
    message = refused(header + png(8, 0, 1)[33:])
    assert message.startswith("it: not a usable image (") and "pixels" in message


# ---- Damage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
def test_a_truncated_image_is_refused(kind):
    content = encoded(picture(0, (64, 64)), kind)
    assert refused(content[: len(content) // 2]).startswith("it: not a")


@pytest.mark.parametrize("content", [b"", b"text", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 4 4\n"])
def test_what_is_no_image_is_refused(content, tmp_path):
    (tmp_path / "a.png").write_bytes(content)
    expected = "it: not an image in a format that is read (JPEG, PNG" if content else "it: an empty file"
    assert refused(content).startswith(expected)
    assert refused(tmp_path / "a.png").startswith(expected)

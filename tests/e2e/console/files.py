"""Files to open in the console, made without any library: a DICOM file can hold JPEG pictures as they are."""

import struct
import zlib

FILM = "tests/testdata/xray/a2eba651.jpg"  # 1024 x 1024
OTHER_FILM = "tests/testdata/xray/865336ed.jpg"
FRAME = "tests/testdata/endoscopy/polypgen_c2_001221.jpg"  # 512 x 400
PATIENT = "MARKER^OF^PATIENT"
LONG = (b"OB", b"OW", b"SQ", b"UN")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, content):
    with open(path, "wb") as file:
        file.write(content)
    return path


def turned_by_exif(jpeg):
    """The same JPEG picture with the note that a viewer should turn it by 90 degrees."""
    tiff = b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0) + b"\0\0\0\0"
    note = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note + jpeg[2:]


def png_of_16_bits(side, least, most):
    """Grey values from `least` in the upper left to `most` in the lower right corner."""
    rows = b""
    for y in range(side):
        rows += b"\0" + struct.pack(f">{side}H", *(least + (most - least) * (x + y) // (2 * side - 2) for x in range(side)))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 16, 0, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks)


def element(group, number, kind, value):
    value += b"\0" * (len(value) % 2) if kind in (b"UI", b"OB") else b" " * (len(value) % 2)
    length = struct.pack("<HI", 0, len(value)) if kind in LONG else struct.pack("<H", len(value))
    return struct.pack("<HH", group, number) + kind + length + value


def encapsulated(pictures):
    item = struct.pack("<HH", 0xFFFE, 0xE000)
    out = struct.pack("<HH", 0x7FE0, 0x0010) + b"OB" + struct.pack("<HI", 0, 0xFFFFFFFF) + item + struct.pack("<I", 0)
    for picture in pictures:
        picture += b"\0" * (len(picture) % 2)
        out += item + struct.pack("<I", len(picture)) + picture
    return out + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def dicom(pictures, width, height, colour):
    """A Part 10 file of baseline JPEG pictures: a chest film, or endoscopy when in colour."""
    short = lambda value: struct.pack("<H", value)  # noqa: E731
    sop_class = b"1.2.840.10008.5.1.4.1.1.77.1.1.1" if colour else b"1.2.840.10008.5.1.4.1.1.1.1"
    meta = element(2, 1, b"OB", b"\0\1") + element(2, 2, b"UI", sop_class) + element(2, 3, b"UI", b"1.2.276.0.7230010.3.1")
    meta += element(2, 0x10, b"UI", b"1.2.840.10008.1.2.4.50") + element(2, 0x12, b"UI", b"1.2.276.0.7230010.3.2")
    body = element(8, 0x16, b"UI", sop_class) + element(8, 0x18, b"UI", b"1.2.276.0.7230010.3.1")
    body += element(8, 0x60, b"CS", b"ES" if colour else b"DX") + element(0x10, 0x10, b"PN", PATIENT.encode())
    if not colour:
        body += element(0x18, 0x5101, b"CS", b"PA") + element(0x20, 0x20, b"CS", b"L\\F")
    body += element(0x28, 2, b"US", short(3 if colour else 1))
    body += element(0x28, 4, b"CS", b"YBR_FULL_422" if colour else b"MONOCHROME2")
    if colour:
        body += element(0x28, 6, b"US", short(0))
    if len(pictures) > 1:
        body += element(0x28, 8, b"IS", str(len(pictures)).encode())
    for number, value in ((0x10, height), (0x11, width), (0x100, 8), (0x101, 8), (0x102, 7), (0x103, 0)):
        body += element(0x28, number, b"US", short(value))
    body += encapsulated(pictures)
    return b"\0" * 128 + b"DICM" + element(2, 0, b"UL", struct.pack("<I", len(meta))) + meta + body

"""Makes the picture of a page smaller: at most 256 colours, those it has most of, well compressed."""

from __future__ import annotations

import struct
import zlib

import numpy as np  # noqa: TID253 (nothing starts by loading this script)
from numpy.typing import NDArray  # noqa: TID253

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_COLOURS = 256
_CHANNELS = {2: 3, 6: 4}
"""Bytes of a pixel by PNG colour type: RGB and RGBA, 8 bits each, is what browsers write."""


def smaller(png: bytes) -> bytes:
    """The same picture with a palette. Raises ValueError for a PNG that no browser writes."""
    pixels = _pixels(png)
    colours, places, counts = np.unique(
        pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True
    )
    kept = np.argsort(counts)[::-1][:_MOST_COLOURS]
    palette = colours[kept]
    nearest = np.empty(len(colours), dtype=np.uint8)
    for start in range(0, len(colours), 4096):
        part = colours[start : start + 4096].astype(np.int32)
        apart = ((part[:, None, :] - palette[None].astype(np.int32)) ** 2).sum(axis=2)
        nearest[start : start + 4096] = apart.argmin(axis=1)
    height, width = pixels.shape[:2]
    rows = np.zeros((height, width + 1), dtype=np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = nearest[places.reshape(-1)].reshape(height, width)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = (b"IHDR", header), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(rows.tobytes(), 9))
    return _SIGNATURE + b"".join(_chunk(*one) for one in (*chunks, (b"IEND", b"")))


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _pixels(png: bytes) -> NDArray[np.uint8]:
    """Height x width x RGB."""
    header, data, place = b"", b"", len(_SIGNATURE)
    while place < len(png):
        (length,), name = struct.unpack(">I", png[place : place + 4]), png[place + 4 : place + 8]
        body = png[place + 8 : place + 8 + length]
        header, data = (body if name == b"IHDR" else header), (data + body if name == b"IDAT" else data)
        place += 12 + length
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if bits != 8 or colour not in _CHANNELS or interlaced:
        raise ValueError(f"a PNG of {bits} bits, colour type {colour}; allowed are 8 bits, RGB or RGBA")
    size = _CHANNELS[colour]
    raw = np.frombuffer(zlib.decompress(data), dtype=np.uint8).reshape(height, 1 + width * size)
    rows = np.zeros((height + 1, width, size), dtype=np.uint8)
    for number in range(height):
        line = raw[number, 1:].reshape(width, size)
        rows[number + 1] = _unfiltered(int(raw[number, 0]), line, rows[number])
    return rows[1:, :, :3]


def _unfiltered(kind: int, line: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A row as it was before PNG's filter (RFC 2083, 6)."""
    if kind == 0:
        return line
    if kind == 1:
        return np.cumsum(line, axis=0, dtype=np.uint8)
    if kind == 2:
        return line + above
    made, left, corner = (
        np.empty_like(line),
        np.zeros(line.shape[1], np.int32),
        np.zeros(line.shape[1], np.int32),
    )
    wide = above.astype(np.int32)
    for place in range(len(line)):
        guess = (left + wide[place]) // 2 if kind == 3 else _paeth(left, wide[place], corner)
        made[place] = (line[place] + guess) & 255
        left, corner = made[place].astype(np.int32), wide[place]
    return made


def _paeth(left: NDArray[np.int32], up: NDArray[np.int32], corner: NDArray[np.int32]) -> NDArray[np.int32]:
    guess = left + up - corner
    to_left, to_up, to_corner = abs(guess - left), abs(guess - up), abs(guess - corner)
    nearer = np.where(to_up <= to_corner, up, corner)
    return np.where((to_left <= to_up) & (to_left <= to_corner), left, nearer)

"""The text of a PDF as typst writes it, for tests: what stands on the sheets, in reading order.

Reads what our own sheets are made of (compressed content streams, fonts with a ToUnicode map) and no more.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_SHOWN = re.compile(rb"/(\w+) [\d.]+ Tf|<([0-9A-Fa-f]+)>|\((.*?)(?<!\\)\)|(ET)|(TJ|Tj)", re.DOTALL)


def pdf_text(made: bytes) -> str:
    """All words of a PDF, runs of text parted by blanks."""
    objects = {int(number): body for number, body in _OBJECT.findall(made)}
    fonts = {number: cmap for number, body in objects.items() if (cmap := _cmap(body, objects))}
    return " ".join(" ".join(_pages(objects, fonts)).split())


def _pages(objects: dict[int, bytes], fonts: dict[int, dict[int, str]]) -> Iterator[str]:
    for body in objects.values():
        if b"/Type/Page\n" not in body and not re.search(rb"/Type\s*/Page\b(?!s)", body):
            continue
        resources = re.search(rb"/Resources\s+(\d+) 0 R", body)
        named = objects[int(resources[1])] if resources else body
        names = re.search(rb"/Font\s*(?:(\d+) 0 R|<<(.*?)>>)", named, re.DOTALL)
        listed = b"" if names is None else objects[int(names[1])] if names[1] else names[2]
        by_name = {
            name: fonts.get(int(number), {}) for name, number in re.findall(rb"/(\w+) (\d+) 0 R", listed)
        }
        contents = re.search(rb"/Contents\s+(\d+) 0 R", body)
        if contents:
            yield from _words(_stream(objects[int(contents[1])]), by_name)


def _words(content: bytes, fonts: dict[bytes, dict[int, str]]) -> Iterator[str]:
    font: dict[int, str] = {}
    word = ""
    for name, codes, literal, ended, _show in _SHOWN.findall(content):
        if name:
            font = fonts.get(name, {})
        elif codes:
            word += "".join(font.get(int(codes[at : at + 4], 16), "") for at in range(0, len(codes), 4))
        elif literal:
            raw = _unescaped(literal)
            word += "".join(font.get(raw[at] << 8 | raw[at + 1], "") for at in range(0, len(raw) - 1, 2))
        elif ended and word:
            yield word
            word = ""
    if word:
        yield word


def _unescaped(literal: bytes) -> bytes:
    short = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

    def one(found: re.Match[bytes]) -> bytes:
        sign = found[1]
        return bytes([int(sign, 8)]) if sign.isdigit() else short.get(sign, sign)

    return re.sub(rb"\\([0-7]{1,3}|.)", one, literal, flags=re.DOTALL)


def _cmap(body: bytes, objects: dict[int, bytes]) -> dict[int, str]:
    """Glyph numbers of a font and the text they stand for."""
    to_unicode = re.search(rb"/ToUnicode\s+(\d+) 0 R", body)
    if to_unicode is None:
        return {}
    told = _stream(objects[int(to_unicode[1])])
    found: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", told, re.DOTALL):
        for code, text in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(code, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", told, re.DOTALL):
        for first, last, text in re.findall(
            rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block
        ):
            begin = int.from_bytes(bytes.fromhex(text.decode()), "big")
            for place, code in enumerate(range(int(first, 16), int(last, 16) + 1)):
                found[code] = chr(begin + place)
    return found


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    if found is None:
        return b""
    return zlib.decompress(found[1]) if b"FlateDecode" in body else found[1]

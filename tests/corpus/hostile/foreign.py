"""What is no picture, clip or sound at all, whatever it is called."""

import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from bz2 import compress as bz2
from collections.abc import Iterator

from tests.corpus.case import AUDIO, IMAGE, VIDEO, Case
from tests.corpus.hostile.hostile import Hostiles, plain

SCRIPT = b"<script>fetch('/api/jobs')</script>"
HTML = b"<!doctype html><html><body>" + SCRIPT + b"</body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99">' + SCRIPT + b"</svg>"
XXE = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>'
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]><l>&j;</l>"
)
TEXTS = {
    "text": b"just some words\n" * 300,
    "json": b'{"a": [1, 2, 3]}',
    "csv": b"a,b\n1,2\n" * 200,
    "html": HTML,
    "html-spaced": b" \r\n\t\xef\xbb\xbf" + HTML,
    "xhtml": b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">' + SCRIPT,
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "svg-script": SVG,
    "svg-entity": XXE,
    "xml-laughs": LAUGHS,
    "php": b"<?php system($_GET['c']); ?>",
    "shell": b"#!/bin/sh\nrm -rf /\n",
    "python": b"#!/usr/bin/env python3\nimport os\n",
    "javascript": b"'use strict';alert(1)\n",
    "batch": b"@echo off\r\nformat c:\r\n",
    "powershell": b"Invoke-WebRequest http://example.invalid\r\n",
    "rtf": rb"{\rtf1\ansi{\object\objocx}}",
    "postscript": b"%!PS-Adobe-3.0\n(/etc/passwd) run\n",
    "eps": b"\xc5\xd0\xd3\xc6" + bytes(28) + b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "mvg": b"push graphic-context\nimage over 0,0 0,0 'label:@/etc/passwd'\n",
    "msl": b'<?xml version="1.0"?><image><read filename="/etc/passwd"/></image>',
    "xpm": b"/* XPM */\nstatic char *x[] = {\"1 1 1 1\",\"a c #000\",\"a\"};\n",
    "ppm": b"P6\n100 100\n255\n" + bytes(30_000),
    "git": b"PACK\0\0\0\2" + bytes(40),
    "mail": b"From: a@example.invalid\r\nMIME-Version: 1.0\r\n\r\nhello",
}  # fmt: skip
BINARIES = {
    "windows-program": b"MZ\x90\0" + bytes(56) + struct.pack("<I", 64) + b"PE\0\0" + bytes(300),
    "linux-program": b"\x7fELF\2\1\1" + bytes(400),
    "mac-program": b"\xcf\xfa\xed\xfe\x07\0\0\x01" + bytes(300),
    "java-class": b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(100),
    "wasm": b"\0asm\1\0\0\0" + bytes(60),
    "android": b"dex\n035\0" + bytes(200),
    "flash": b"FWS\x08" + bytes(100),
    "seven-zip": b"7z\xbc\xaf\x27\x1c\0\4" + bytes(200),
    "rar": b"Rar!\x1a\7\1\0" + bytes(200),
    "zstd": b"\x28\xb5\x2f\xfd" + bytes(60),
    "cabinet": b"MSCF" + bytes(120),
    "old-office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000),
    "pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF",
    "truetype": b"\0\1\0\0\0\x0b\x80\0\0\3" + bytes(300),
    "opentype": b"OTTO" + bytes(300),
    "woff": b"wOFF" + bytes(300),
    "woff2": b"wOF2" + bytes(300),
    "database": b"SQLite format 3\0" + bytes(500),
    "photoshop": b"8BPS\0\1" + bytes(300),
    "midi": b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk" + bytes(60),
    "icon": b"\0\0\1\0\1\0" + bytes(100),
    "flash-video": b"FLV\1\5\0\0\0\x09" + bytes(200),
    "windows-media": bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(400),
    "openexr": b"v/1\1\2\2\0\0tiles\0tiledesc\0" + bytes(300),
    "wmf": b"\xd7\xcd\xc6\x9a" + bytes(100),
    "jpeg-2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(300),
    "shortcut": b"L\0\0\0\1\x14\2\0" + bytes(100),
    "pickle": b"\x80\x04cos\nsystem\n(S'id'\ntR.",
    "zeroes": bytes(5000),
    "one-byte": b"\0",
    "nothing": b"",
}
DISGUISES = ((IMAGE, ".png"), (VIDEO, ".mp4"), (AUDIO, ".wav"), (IMAGE, ".jpg"), (VIDEO, ".mov"))


def cases(seed: int) -> Iterator[Case]:
    hostile = Hostiles(seed, "foreign")
    everything = TEXTS | BINARIES | _archives()
    for index, (name, content) in enumerate(everything.items()):
        kind, suffix = DISGUISES[index % len(DISGUISES)]
        yield hostile(name, kind, suffix, plain(content))
    yield hostile("svg-named-svg", IMAGE, ".svg", plain(SVG))
    yield hostile("html-named-html", VIDEO, ".html", plain(HTML))
    yield hostile("program-named-exe", AUDIO, ".exe", plain(BINARIES["windows-program"]))
    yield hostile("nothing-clip", VIDEO, ".mp4", plain(b""))
    yield hostile("nothing-sound", AUDIO, ".mp3", plain(b""))
    yield hostile("noise", VIDEO, ".mp4", lambda desk: b"\1" + desk.dice.randbytes(30_000))


def _archives() -> dict[str, bytes]:
    return {
        "gzip": gzip.compress(b"x" * 5000, mtime=0),
        "svg-packed": gzip.compress(SVG, mtime=0),
        "bzip2": bz2(b"x" * 5000),
        "xz": lzma.compress(b"x" * 5000),
        "tar": _tar(),
        "zip": packed_files({"a.txt": b"hello", "../../b.txt": b"out"}),
        "zip-bomb": packed_files({"zeroes": bytes(20_000_000)}),
        "java-archive": JAR,
        "document": packed_files({"[Content_Types].xml": b"<Types/>", "word/document.xml": b""}),
        "spreadsheet": packed_files({"mimetype": b"application/vnd.oasis.opendocument.text"}),
    }


def packed_files(files: dict[str, bytes]) -> bytes:
    """A ZIP archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _tar() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        link = tarfile.TarInfo("passwd")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return target.getvalue()


JAR = packed_files({"META-INF/MANIFEST.MF": b"Main-Class: A\n", "A.class": b"\xca\xfe\xba\xbe"})

"""Files that send whoever reads them elsewhere: to the canary's address, or to its file."""

import struct
from collections.abc import Callable, Iterator

from tests.corpus import boxes
from tests.corpus.case import AUDIO, IMAGE, VIDEO, Canary, Case, Desk, Either, Make
from tests.corpus.hostile.hostile import Hostiles, clip, picture

List = Callable[[str], str]


def _xml(name: str, space: str, inner: str) -> List:
    return lambda to: f'<{name} xmlns="{space}">{inner.format(to)}</{name}>'


def _text(pattern: str) -> List:
    return lambda to: pattern.replace("@", to)


LISTS: dict[str, tuple[str, List]] = {
    "m3u8": (".m3u8", _text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n@\n#EXT-X-ENDLIST\n")),
    "m3u8-key": (".mp4", _text('#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="@"\n#EXTINF:9,\na.ts\n')),
    "m3u8-marked": (".ts", _text("\ufeff#EXTM3U\n#EXTINF:9,\n@\n")),
    "m3u": (".mp3", _text("#EXTM3U\n@\n")),
    "concat": (".mp4", _text("ffconcat version 1.0\nfile '@'\n")),
    "pls": (".wav", _text("[playlist]\nFile1=@\nNumberOfEntries=1\n")),
    "dash": (
        ".mp4",
        _xml("MPD", "urn:mpeg:dash:schema:mpd:2011", "<Period><BaseURL>{}</BaseURL></Period>"),
    ),
    "asx": (".avi", _text('<asx version="3.0"><entry><ref href="@"/></entry></asx>')),
    "xspf": (
        ".mp3",
        _xml("playlist", "http://xspf.org/ns/0/", "<track><location>{}</location></track>"),
    ),
    "smil": (".mov", _text('<smil><body><video src="@"/></body></smil>')),
    "sdp": (
        ".mp4",
        _text("v=0\r\ns=a\r\nu=@\r\nc=IN IP4 127.0.0.1\r\nm=video 9 RTP/AVP 96\r\n"),
    ),
    "cue": (".wav", _text('FILE "@" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n')),
    "quicktime-link": (
        ".mov",
        _text('<?xml version="1.0"?><?quicktime type="application/x"?><embed src="@"/>'),
    ),
    "realtext": (".mp4", _text("RTSPtext\r\n@\r\n")),
    "svg-image": (".png", _xml("svg", "http://www.w3.org/2000/svg", '<image href="{}"/>')),
    "smooth": (".mp4", _text('<SmoothStreamingMedia MajorVersion="2" Url="@"/>')),
    "imf": (
        ".mov",
        _xml("CompositionPlaylist", "http://www.smpte-ra.org/schemas/2067-3/2016", "{}"),
    ),
    "vapoursynth": (".avi", _text("import vapoursynth\nopen('@')\n")),
    "subfile": (".mkv", _text("subfile,,start,0,end,9,,:@\n")),
}
KINDS = {".png": IMAGE, ".mp3": AUDIO, ".wav": AUDIO}


def cases(seed: int) -> Iterator[Case]:
    hostile = Hostiles(seed, "reference")
    for name, (suffix, write) in LISTS.items():
        kind = KINDS.get(suffix, VIDEO)
        yield hostile(f"{name}-to-address", kind, suffix, _list(write, _address))
        yield hostile(f"{name}-to-file", kind, suffix, _list(write, _file))
    yield hostile("mov-data-elsewhere", VIDEO, ".mov", _with_reference(b"alis", _alias))
    yield hostile("mov-data-at-address", VIDEO, ".mov", _with_reference(b"url ", _url))
    yield hostile("mp4-data-at-file", VIDEO, ".mp4", _with_reference(b"url ", _file_url))
    beside = _with_reference(b"url ", _url, empty=False)
    yield hostile("mp4-data-and-address", VIDEO, ".mp4", beside, Either({"width": 160}))
    yield hostile("mov-moved-away", VIDEO, ".mov", _moved_away)
    yield hostile("mkv-next-file", VIDEO, ".mkv", _linked_mkv, Either({"width": 160, "height": 96}))
    yield hostile("avi-subtitle-list", VIDEO, ".avi", _avi_with_list, Either())
    yield hostile("jpeg-external", IMAGE, ".jpg", _jpeg_with_address, Either())


def _address(canary: Canary) -> str:
    return f"{canary.url}/a.mp4"


def _file(canary: Canary) -> str:
    return str(canary.path)


def _list(write: List, where: Callable[[Canary], str]) -> Make:
    return lambda desk: write(where(desk.canary)).encode()


def _url(desk: Desk) -> bytes:
    return bytes(4) + _address(desk.canary).encode() + b"\0"


def _file_url(desk: Desk) -> bytes:
    return bytes(4) + f"file://{desk.canary.path}".encode() + b"\0"


def _alias(desk: Desk) -> bytes:
    """A Macintosh alias with a path in it, as libavformat/mov.c reads it."""
    path = str(desk.canary.path).encode()
    volume = b"\1/".ljust(28, b"\0")
    head = bytes(4) + bytes(10) + volume + bytes(12) + bytes(64) + bytes(16) + bytes(16)
    parts = struct.pack(">hh", 2, len(path)) + path + bytes(len(path) % 2)
    parts += struct.pack(">hh", 18, len(path)) + path + bytes(len(path) % 2)
    return head + parts + struct.pack(">hh", -1, 0)


def _with_reference(kind: bytes, content: Callable[[Desk], bytes], *, empty: bool = True) -> Make:
    """A clip without its data, where it is empty: the reference says where they are."""

    def make(desk: Desk) -> bytes:
        whole = clip(".mov", sound=None)(desk)
        data = boxes.find(whole, b"mdat")[0]
        size = int.from_bytes(whole[data - 8 : data - 4]) - 8
        whole = boxes.patched(whole, data, bytes(size)) if empty else whole
        at = boxes.find(whole, b"dref")[0]
        old = int.from_bytes(whole[at + 8 : at + 12])
        new = boxes.box(kind, content(desk))
        grown = whole[: at + 8] + new + whole[at + 8 + old :]
        return _resized(grown, at, len(new) - old)

    return make


def _resized(content: bytes, inside: int, by: int) -> bytes:
    """With all boxes around a place told that what they hold has grown."""
    start, stop = 0, len(content)
    while True:
        found = [
            (at, size)
            for at, size, kind in boxes.walk(content, start, stop)
            if at <= inside - 8 < at + size and kind in (*boxes.CONTAINERS, b"dref")
        ]
        if not found:
            return content
        at, size = found[0]
        content = boxes.patched(content, at, struct.pack(">I", size + by))
        start, stop = at + 8, at + size + by
        if content[at + 4 : at + 8] == b"dref":
            return content


def _moved_away(desk: Desk) -> bytes:
    """A movie that only says where the movie is (QuickTime File Format, reference movies)."""
    to = _address(desk.canary).encode() + b"\0"
    reference = boxes.box(b"rdrf", bytes(4), b"url ", struct.pack(">I", len(to)), to)
    moov = boxes.box(b"moov", boxes.box(b"rmra", boxes.box(b"rmda", reference)))
    return boxes.box(b"ftyp", b"qt  ", bytes(4), b"qt  ") + moov


def _linked_mkv(desk: Desk) -> bytes:
    """Names the file that goes on (RFC 9559, 5.1.2)."""
    whole = clip(".mkv", muxing=("-live", 1))(desk)
    info = whole.index(b"\x15\x49\xa9\x66")
    length = whole[info + 4]
    size_bytes = 9 - length.bit_length()
    mask = (1 << (7 * size_bytes)) - 1
    size = int.from_bytes(whole[info + 4 : info + 4 + size_bytes]) & mask
    body = whole[info + 4 + size_bytes :][:size]
    links = boxes.element(0x3EB923, bytes(range(16))) + boxes.element(
        0x3E83BB, _file(desk.canary).encode()
    )
    new = boxes.element(0x1549A966, body, links)
    return whole[:info] + new + whole[info + 4 + size_bytes + size :]


def _avi_with_list(desk: Desk) -> bytes:
    """An index of a subtitle in which libav once looked for playlists (GAB2)."""
    whole = clip(".avi", coding=("-c:v", "mjpeg"), sound=None)(desk)
    note = f"#EXTM3U\n#EXTINF:9,\n{_address(desk.canary)}\n".encode()
    gab2 = b"GAB2\0\2\0" + struct.pack("<I", 2) + b"a\0\4\0" + struct.pack("<I", len(note)) + note
    chunk = b"01tx" + struct.pack("<I", len(gab2)) + gab2 + bytes(len(gab2) % 2)
    at = whole.index(b"movi") + 4
    size = struct.unpack_from("<I", whole, at - 8)[0] + len(chunk)
    whole = whole[:at] + chunk + whole[at:]
    whole = boxes.patched(whole, at - 8, struct.pack("<I", size))
    return boxes.patched(whole, 4, struct.pack("<I", len(whole) - 8))


def _jpeg_with_address(desk: Desk) -> bytes:
    """A comment that only names an address."""
    note = _address(desk.canary).encode()
    whole = picture("JPEG")(desk)
    return whole[:2] + b"\xff\xfe" + struct.pack(">H", 2 + len(note)) + note + whole[2:]

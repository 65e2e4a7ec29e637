"""Clips whose clock, order or shape of pixels is not the plain one."""

from collections.abc import Iterator

from tests.corpus.boxes import with_matrix
from tests.corpus.case import Case, Desk
from tests.corpus.kitchen import ffmpeg
from tests.corpus.valid.clip import H265, QUIET_X265, VP9, Change, Clips
from tests.corpus.valid.codecs import OPUS, PCM

B_FRAMES = (
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-bf",
    3,
    "-pix_fmt",
    "yuv420p",
    "-threads",
    "1",
)
MATRICES = {
    "90": (0, 1, -1, 0),
    "180": (-1, 0, 0, -1),
    "270": (0, -1, 1, 0),
    "mirrored": (-1, 0, 0, 1),
    "upside-down": (1, 0, 0, -1),
    "transposed": (0, 1, 1, 0),
    "transversed": (0, -1, -1, 0),
}
UNTURN = {
    "90": "transpose=cclock",
    "180": "hflip,vflip",
    "270": "transpose=clock",
    "mirrored": "hflip",
    "upside-down": "vflip",
    "transposed": "transpose=cclock_flip",
    "transversed": "transpose=clock_flip",
}
"""What stores an upright picture so that the matrix turns it back."""


def cases(seed: int) -> Iterator[Case]:
    clip = Clips(seed)
    yield from _turned(clip)
    yield from _rates(clip)
    yield from _clocks(clip)
    yield from _boxes(clip)


def _turned(clip: Clips) -> Iterator[Case]:
    for name, matrix in MATRICES.items():
        yield clip(
            f"turned-{name}",
            ".mov" if name == "270" else ".mp4",
            filters=UNTURN[name],
            change=_matrix(matrix),
        )
    # Pixels twice as wide as high, and those of wide DV.
    yield clip("wide-pixels", ".mp4", size=(160, 120), filters="scale=80:120,setsar=2")
    yield clip("wide-pixels.mkv", ".mkv", size=(160, 120), filters="scale=80:120,setsar=2")
    yield clip("narrow-pixels", ".mp4", size=(64, 120), filters="scale=128:120,setsar=1/2")
    yield clip(
        "wide-pixels-turned",
        ".mp4",
        size=(120, 160),
        filters="transpose=cclock,scale=80:120,setsar=2",
        change=_matrix(MATRICES["90"]),
    )
    yield clip(
        "dv-pixels",
        ".mov",
        ("-c:v", "mpeg4", "-threads", "1"),
        sound=PCM,
        size=(160, 96),
        filters="scale=144:96,setsar=10/9",
    )


def _rates(clip: Clips) -> Iterator[Case]:
    for fps in (
        "1",
        "5",
        "12",
        "15",
        "24000/1001",
        "24",
        "30000/1001",
        "30",
        "50",
        "60000/1001",
        "60",
        "120",
    ):
        name = fps.replace("/1001", "-ntsc")
        yield clip(f"fps-{name}", ".mp4", fps=fps, frames=3 if fps == "1" else None)
    yield clip("fps-240", ".mov", fps="240", frames=120)
    yield clip("fps-23.976.mkv", ".mkv", fps="24000/1001")
    yield clip("one-frame", ".mp4", frames=1, sound=None)
    yield clip("one-frame.mkv", ".mkv", frames=1, sound=None, without=["fps"])
    yield clip("two-frames", ".mp4", frames=2, sound=None)
    yield clip("short", ".mp4", frames=4)
    yield clip("seven-frames", ".webm", VP9, sound=OPUS, frames=7)
    yield clip("minute", ".mp4", fps="2", frames=120, size=(64, 64), rate=16_000)
    for suffix in (".mp4", ".mkv", ".mov"):
        # Three in four frames are shown, and the clock of the rest is kept.
        yield clip(
            f"variable{suffix}",
            suffix,
            fps="30",
            frames=33,
            filters=_UNEVEN,
            muxing=_VARIABLE,
            without=["fps"],
            facts={"duration_seconds": 43 / 30},
            slack_s=0.1,
        )
    yield clip(
        "variable-pause",
        ".mp4",
        fps="30",
        frames=20,
        filters="setpts='(N+if(gte(N,9),20,0))/(30*TB)'",
        muxing=_VARIABLE,
        without=["fps"],
        facts={"duration_seconds": 40 / 30},
        sound_factor=2,
    )


def _clocks(clip: Clips) -> Iterator[Case]:
    yield clip("b-frames", ".mp4", B_FRAMES)
    yield clip("b-frames.mkv", ".mkv", B_FRAMES, slack_s=0.09)
    yield clip("b-frames.ts", ".ts", B_FRAMES, slack_s=0.09)
    yield clip("no-edit-list", ".mp4", B_FRAMES, muxing=("-use_editlist", 0), slack_s=0.13)
    yield clip("negative-offsets", ".mp4", B_FRAMES, muxing=("-movflags", "+negative_cts_offsets"))
    yield clip("open-gop", ".mp4", (*B_FRAMES, "-x264-params", "open-gop=1:keyint=8:bframes=3"))
    yield clip(
        "hevc-open-gop",
        ".mkv",
        (
            *H265[:-2],
            "-x265-params",
            f"{QUIET_X265}:open-gop=1:keyint=10",
        ),
        slack_s=0.09,
    )
    yield clip("starts-late.mkv", ".mkv", muxing=("-output_ts_offset", 100))
    yield clip("starts-late.ts", ".ts", muxing=("-output_ts_offset", 3600), slack_s=0.09)
    # The 33 bits of its clock run over within the clip.
    yield clip(
        "clock-wraps.ts",
        ".ts",
        muxing=("-output_ts_offset", 95443.2, "-muxdelay", 0),
        slack_s=0.09,
        frames=30,
    )
    yield clip("coarse-clock", ".mp4", muxing=("-video_track_timescale", 600), fps="30000/1001")
    yield clip("fine-clock", ".mov", muxing=("-video_track_timescale", 90_000))
    yield clip("sound-later", ".mp4", muxing=("-af", "asetpts=PTS+0.4/TB"))
    yield clip("sound-later.mkv", ".mkv", muxing=("-af", "asetpts=PTS+0.4/TB"))
    yield clip(
        "pictures-later",
        ".mp4",
        filters="setpts=PTS+0.3/TB",
        muxing=("-vsync", "passthrough"),
        slack_s=0.35,
    )
    yield clip("sound-shorter", ".mp4", sound_factor=0.4)
    yield clip("sound-longer", ".mp4", sound_factor=1.9)
    yield clip("sound-longer.mkv", ".mkv", sound_factor=1.9)
    yield clip("sound-a-moment", ".mp4", frames=40, sound_factor=0.06)
    yield clip(
        "trimmed",
        ".mp4",
        B_FRAMES,
        frames=40,
        change=_trimmed("0.5"),
        facts={"duration_seconds": 1.1},
        slack_s=0.1,
    )
    yield clip(
        "trimmed.mov",
        ".mov",
        B_FRAMES,
        frames=40,
        change=_trimmed("0.7"),
        facts={"duration_seconds": 0.9},
        slack_s=0.1,
    )


def _boxes(clip: Clips) -> Iterator[Case]:
    yield clip("index-first", ".mp4", muxing=("-movflags", "+faststart"))
    yield clip("fragments", ".mp4", muxing=("-movflags", "+frag_keyframe+empty_moov"))
    yield clip(
        "fragments-dash", ".mp4", muxing=("-movflags", "+dash+frag_every_frame+default_base_moof")
    )
    yield clip(
        "fragments-no-index", ".mp4", muxing=("-movflags", "+frag_keyframe+empty_moov+skip_trailer")
    )
    yield clip("live.mkv", ".mkv", muxing=("-live", 1))
    yield clip("live.webm", ".webm", VP9, sound=OPUS, muxing=("-live", 1))
    yield clip(
        "no-index.avi", ".avi", ("-c:v", "mpeg4", "-threads", "1"), sound=PCM, change=_without_index
    )
    yield clip("mp4-named-mov", ".mov", container=".mp4")
    yield clip("mov-named-mp4", ".mp4", container=".mov")
    yield clip("webm-named-mkv", ".mkv", VP9, sound=OPUS, container=".webm")
    yield clip("mkv-named-mp4", ".mp4", container=".mkv")
    yield clip("upper", ".MP4", container=".mp4")
    yield clip("upper.mov", ".MOV", container=".mov")
    yield clip("no-extension", "", container=".mp4")
    yield clip("timecode", ".mov", muxing=("-timecode", "01:00:00:00"))
    yield clip("tags", ".mp4", muxing=_TAGS)
    yield clip(
        "padding-behind",
        ".mp4",
        change=lambda content, desk: content + b"\0\0\0\x10free" + bytes(8),
    )


_TAGS = ("-metadata", "title=Ein schöner Tag", "-metadata", "comment=\u202eabc")
_UNEVEN = "setpts='(N+floor(N/3))/(30*TB)'"
_VARIABLE = ("-vsync", "passthrough", "-enc_time_base", "1:90000")


def _matrix(matrix: tuple[int, int, int, int]) -> Change:
    return lambda content, _desk: with_matrix(content, *matrix)


def _trimmed(start: str) -> Change:
    """Its start cut off without coding it anew, as phones do: an edit list says so."""

    def change(content: bytes, desk: Desk) -> bytes:
        whole, cut = desk.spare(".mp4"), desk.spare(".mp4")
        whole.write_bytes(content)
        ffmpeg("-ss", start, "-i", whole, "-c", "copy", "-bitexact", cut)
        return cut.read_bytes()

    return change


def _without_index(content: bytes, _desk: Desk) -> bytes:
    return content[: content.rindex(b"idx1")]

"""Clips by codec, container, and what a pixel is."""

from collections.abc import Iterator

from tests.corpus.case import Case
from tests.corpus.valid.clip import AAC, H264, H265, QUIET_X265, VP9, Clips

AV1 = ("-c:v", "libsvtav1", "-preset", "12", "-svtav1-params", "lp=1", "-pix_fmt", "yuv420p")
VP8: tuple[str, ...] = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8")
VP8 += ("-threads", "1", "-pix_fmt", "yuv420p")
PRORES = ("-c:v", "prores_ks", "-threads", "1")
PCM = ("-c:a", "pcm_s16le")
OPUS = ("-c:a", "libopus")
VORBIS = ("-c:a", "libvorbis")
LAVC = ("-threads", "1", "-q:v", "3")


def cases(seed: int) -> Iterator[Case]:
    clip = Clips(seed)
    yield from _everyday(clip)
    yield from _older(clip)
    yield from _pixels(clip)
    yield from _dynamic(clip)


def _everyday(clip: Clips) -> Iterator[Case]:
    for suffix in (".mp4", ".mov", ".mkv", ".m4v"):
        yield clip(f"h264{suffix}", suffix)
    yield clip("h264.avi", ".avi", sound=("-c:a", "libmp3lame"), slack_s=0.09)
    yield clip("h264.ts", ".ts", slack_s=0.09)
    yield clip("h264.m2ts", ".m2ts", slack_s=0.09, muxing=("-f", "mpegts", "-mpegts_m2ts_mode", 1))
    yield clip("h264.3gp", ".3gp", sound=(*AAC, "-ar", "16000", "-ac", "1"))
    for suffix in (".mp4", ".mov", ".mkv", ".ts"):
        tag = ("-tag:v", "hvc1") if suffix in {".mp4", ".mov"} else ()
        yield clip(f"hevc{suffix}", suffix, (*H265, *tag), slack_s=0.09)
    yield clip("hevc-hev1", ".mp4", (*H265, "-tag:v", "hev1"))
    yield clip("vp8.webm", ".webm", VP8, sound=VORBIS)
    yield clip("vp9.webm", ".webm", VP9, sound=OPUS)
    yield clip("vp9.mp4", ".mp4", VP9, sound=OPUS)
    yield clip("vp9.mkv", ".mkv", VP9, sound=OPUS)
    yield clip(
        "vp9-clear", ".webm", (*VP9, "-pix_fmt", "yuva420p"), sound=None, filters="format=yuva420p"
    )
    yield clip(
        "vp8-clear",
        ".webm",
        (*VP8, "-pix_fmt", "yuva420p", "-auto-alt-ref", 0),
        sound=None,
        filters="format=yuva420p",
    )
    yield clip("av1.mp4", ".mp4", AV1)
    yield clip("av1.mkv", ".mkv", AV1)
    yield clip("av1.webm", ".webm", AV1, sound=OPUS)


def _older(clip: Clips) -> Iterator[Case]:
    yield clip("prores.mov", ".mov", (*PRORES, "-profile:v", 2), sound=PCM)
    yield clip(
        "prores-clear", ".mov", (*PRORES, "-profile:v", 4, "-pix_fmt", "yuva444p10le"), sound=PCM
    )
    dnx = ("-c:v", "dnxhd", "-profile:v", "dnxhr_sq", "-pix_fmt", "yuv422p", "-threads", "1")
    yield clip("dnxhr.mov", ".mov", dnx, sound=PCM, size=(256, 144))
    hd = ("-c:v", "dnxhd", "-b:v", "36M", "-pix_fmt", "yuv422p", "-threads", "1")
    yield clip("dnxhd.mov", ".mov", hd, sound=PCM, size=(1920, 1080), frames=10)
    yield clip("mjpeg.avi", ".avi", ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", *LAVC), sound=PCM)
    yield clip("mjpeg.mov", ".mov", ("-c:v", "mjpeg", "-pix_fmt", "yuvj422p", *LAVC), sound=PCM)
    yield clip(
        "mpeg4.avi",
        ".avi",
        ("-c:v", "mpeg4", "-vtag", "XVID", *LAVC),
        sound=("-c:a", "libmp3lame"),
        slack_s=0.09,
    )
    yield clip("mpeg4.mp4", ".mp4", ("-c:v", "mpeg4", "-bf", 2, *LAVC))
    yield clip("mpeg4.3gp", ".3gp", ("-c:v", "mpeg4", *LAVC), size=(176, 144))
    yield clip(
        "h263.3gp",
        ".3gp",
        ("-c:v", "h263", *LAVC),
        size=(176, 144),
    )
    yield clip(
        "mpeg2.ts", ".ts", ("-c:v", "mpeg2video", *LAVC), sound=("-c:a", "mp2"), slack_s=0.09
    )
    yield clip("mpeg2.mkv", ".mkv", ("-c:v", "mpeg2video", *LAVC), sound=("-c:a", "ac3"))
    yield clip("theora.mkv", ".mkv", ("-c:v", "libtheora", *LAVC), sound=VORBIS, size=(160, 96))
    yield clip("ffv1.mkv", ".mkv", ("-c:v", "ffv1", "-threads", "1"), sound=("-c:a", "flac"))
    yield clip("huffyuv.avi", ".avi", ("-c:v", "huffyuv", "-threads", "1"), sound=PCM)
    yield clip("png.mov", ".mov", ("-c:v", "png", "-threads", "1"), sound=PCM)
    yield clip("animation.mov", ".mov", ("-c:v", "qtrle", "-threads", "1"), sound=PCM)
    yield clip("raw.avi", ".avi", ("-c:v", "rawvideo", "-pix_fmt", "bgr24"), sound=PCM)
    dv = ("-c:v", "dvvideo", "-pix_fmt", "yuv420p", "-threads", "1")
    yield clip("dv.mov", ".mov", dv, sound=PCM, size=(720, 576), frames=13, without=["width"])


def _pixels(clip: Clips) -> Iterator[Case]:
    for depth in ("yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le", "gray"):
        yield clip(f"h264-{depth}", ".mp4", (*H264, "-pix_fmt", depth), marked=depth != "gray")
    yield clip("hevc-ten-bit", ".mp4", (*H265, "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1"))
    yield clip("hevc-twelve-bit", ".mkv", (*H265, "-pix_fmt", "yuv422p12le"))
    yield clip(
        "vp9-ten-bit", ".webm", (*VP9, "-pix_fmt", "yuv420p10le", "-profile:v", 2), sound=OPUS
    )
    yield clip("rgb", ".mkv", ("-c:v", "libx264rgb", "-preset", "ultrafast", "-threads", "1"))
    yield clip("full-range", ".mp4", (*H264, "-pix_fmt", "yuvj420p"))
    for name in ("bt709", "smpte170m", "bt470bg"):
        yield clip(f"tagged-{name}", ".mp4", (*H264, *_colours(name, name, name)))
    yield clip("odd-vp9", ".webm", VP9, sound=OPUS, size=(161, 91))
    yield clip("odd-ffv1", ".mkv", ("-c:v", "ffv1", "-threads", "1"), size=(133, 77))
    yield clip("odd-444", ".mp4", (*H264, "-pix_fmt", "yuv444p"), size=(129, 127))
    yield clip(
        "odd-mjpeg", ".mov", ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p", *LAVC), size=(155, 99)
    )
    yield clip("smallest", ".mp4", size=(16, 16), marked=False)
    yield clip("wide", ".mp4", size=(640, 32), marked=False)
    yield clip("tall", ".mp4", size=(32, 640), marked=False)
    yield clip("four-k", ".mp4", size=(3840, 2160), frames=8)
    for order in ("tff", "bff"):
        coding = (*H264, "-flags", "+ildct+ilme", "-x264-params", f"{order}=1")
        yield clip(
            f"interlaced-{order}", ".mp4", coding, size=(160, 128), filters=f"setfield={order}"
        )
    woven = ("-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-top", 1, *LAVC)
    yield clip(
        "interlaced-mpeg2",
        ".ts",
        woven,
        sound=("-c:a", "mp2"),
        filters="setfield=tff",
        slack_s=0.09,
    )


def _dynamic(clip: Clips) -> Iterator[Case]:
    ten = (*H265, "-pix_fmt", "yuv420p10le")
    pq = _colours("bt2020nc", "smpte2084", "bt2020")
    hlg = _colours("bt2020nc", "arib-std-b67", "bt2020")
    light = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
    exact = (
        *ten,
        *pq,
        "-x265-params",
        f"{QUIET_X265}:hdr10=1:{light}:max-cll=1000,400",
    )
    yield clip("hdr10", ".mp4", (*exact, "-tag:v", "hvc1"), facts={"dynamic_range": "pq"})
    yield clip("hdr10.mkv", ".mkv", exact, facts={"dynamic_range": "pq"})
    yield clip("hdr10-bare", ".mov", (*ten, *pq, "-tag:v", "hvc1"), facts={"dynamic_range": "pq"})
    yield clip("hlg", ".mov", (*ten, *hlg, "-tag:v", "hvc1"), facts={"dynamic_range": "hlg"})
    vp9 = (*VP9, "-pix_fmt", "yuv420p10le", "-profile:v", 2, *hlg)
    yield clip("hlg-vp9", ".webm", vp9, sound=OPUS, facts={"dynamic_range": "hlg"})
    # This encoder goes by the frames.
    told = "setparams=color_trc=arib-std-b67:color_primaries=bt2020:colorspace=bt2020nc"
    prores = (*PRORES, "-profile:v", 3, "-vf", f"format=yuv422p10le,{told}")
    is_hlg = {"dynamic_range": "hlg"}
    yield clip("hlg-prores", ".mov", prores, sound=PCM, facts=is_hlg)


def _colours(space: str, transfer: str, primaries: str) -> tuple[str, ...]:
    named = transfer if transfer != "bt470bg" else "gamma28"
    return ("-colorspace", space, "-color_trc", named, "-color_primaries", primaries)

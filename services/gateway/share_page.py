"""The page behind a link to a video: one document without a script."""

import base64
import hashlib
from dataclasses import dataclass
from html import escape

from proto.share import Share
from services.store.outputs import OutputRow

STYLE = """
:root{color-scheme:dark}
*{box-sizing:border-box}
body{margin:0;min-height:100dvh;display:flex;flex-direction:column;align-items:center;
justify-content:center;gap:16px;padding:24px 16px;background:#0b0c10;color:#eceef2;
font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
overflow-wrap:anywhere}
main{width:100%;max-width:960px;display:flex;flex-direction:column;align-items:center;gap:16px}
video{display:block;max-width:100%;max-height:78dvh;border-radius:16px;background:#050609}
h1{margin:0;font-size:20px;font-weight:600}
p{margin:0;max-width:65ch;color:#a5acbb}
.prompt{color:#eceef2;white-space:pre-wrap}
.inputs{display:flex;flex-wrap:wrap;gap:12px;justify-content:center;margin:0;padding:0;list-style:none}
.inputs img{display:block;height:96px;max-width:100%;border-radius:12px}
.row{display:flex;flex-wrap:wrap;gap:12px;align-items:center;justify-content:center}
.badge{padding:2px 10px;border:1px solid #f2c14e;border-radius:999px;color:#f2c14e}
a{display:inline-block;min-height:44px;padding:10px 20px;border-radius:12px;background:#8b91ff;
color:#0b0c10;font-weight:600;text-decoration:none}
a:focus-visible,video:focus-visible{outline:2px solid #eceef2;outline-offset:2px}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

POLICY = "; ".join(
    [
        "default-src 'none'",
        f"style-src 'sha256-{_STYLE_HASH}'",
        "img-src 'self'",
        "media-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
}
TITLE = "A video made with Animatrix"


@dataclass(frozen=True)
class Shown:
    """What the owner lets people see besides the video. inputs: addresses of pictures."""

    prompt: str | None
    inputs: list[str]


def share_page(url: str, share: Share, output: OutputRow, shown: Shown) -> str:
    """url: of the page itself; the video and its still are below it."""
    video, poster = f"{url}/video.mp4", f"{url}/poster.jpg"
    length = f"{output.duration_s:.1f} s, {output.width} × {output.height}"
    extras = [
        '<span class="badge">Demo</span>' if output.simulated else "",
        f'<a href="{escape(video)}?download=1" download>Download</a>'
        if share.allow_download
        else "",
    ]
    pictures = "".join(f'<li><img src="{escape(src)}" alt="Input"></li>' for src in shown.inputs)
    parts = [
        f"<h1>{TITLE}</h1>",
        f'<video src="{escape(video)}" poster="{escape(poster)}" width="{output.width}"'
        f' height="{output.height}" controls playsinline preload="metadata"'
        f' aria-label="The video"></video>',
        f"<p>{length}</p>",
        f'<p class="prompt">{escape(shown.prompt)}</p>' if shown.prompt else "",
        f'<ul class="inputs" aria-label="Made from">{pictures}</ul>' if pictures else "",
        f'<div class="row">{"".join(extras)}</div>' if any(extras) else "",
    ]
    return _document("".join(parts), _cards(url, video, poster, output))


def gone_page() -> str:
    """For a link that has ended and for one that never was."""
    words = "Ask the person who sent it for a new one."
    return _document(f"<h1>This link has ended, or never existed</h1><p>{words}</p>", "")


def _cards(url: str, video: str, poster: str, output: OutputRow) -> str:
    """How the link looks where it is posted."""
    properties = {
        "og:type": "video.other",
        "og:site_name": "Animatrix",
        "og:title": TITLE,
        "og:url": url,
        "og:image": poster,
        "og:image:type": "image/jpeg",
        "og:image:width": str(output.width),
        "og:image:height": str(output.height),
        "og:image:alt": "A still of the video",
        "og:video": video,
        "og:video:type": "video/mp4",
        "og:video:width": str(output.width),
        "og:video:height": str(output.height),
    }
    card = '<meta name="twitter:card" content="summary_large_image">'
    return card + "".join(
        f'<meta property="{name}" content="{escape(value)}">' for name, value in properties.items()
    )


def _document(body: str, head: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex, nofollow"><title>{TITLE}</title>{head}'
        f"<style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )

"""The words that a person may come to read."""

import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Page

from services.local.layout import ROOT

BANNED = re.compile(
    r"\b(comfy\w*|nodes?|workflows?|samplers?|checkpoints?|loras?|latents?|vae|cfg|steps?"
    r"|schedulers?|denoise\w*|vram|seeds?|wan|flux|sdxl|vace|infinitetalk)\b",
    re.IGNORECASE,
)

# All that a person may read or hear of the page, and the ids that others build on.
WORDS = """
() => {
  const told = ['aria-label', 'title', 'alt', 'placeholder', 'data-testid', 'aria-description']
  const attributes = [...document.querySelectorAll('*')].flatMap((element) =>
    told.map((name) => element.getAttribute(name)).filter((text) => text !== null))
  return [document.title, document.body.textContent, ...attributes]
}
"""

DIST = ROOT / "frontend" / "dist"
ENTRY = "index.html"
TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`(?:[^`\\]|\\.)*`')
# The value of aria-current for one of several stages, and the names of two icons.
UNREAD = {"`step`", '"step"', "`step-back`", "`step-forward`"}


@pytest.mark.browser
async def test_no_engine_word_is_on_the_page(state: Page) -> None:
    texts: list[str] = await state.evaluate(WORDS)
    assert len(texts) > 10
    assert [text for text in texts if BANNED.search(text)] == []


def chunks() -> set[Path]:
    """What the page may load; operators have an entry of their own, with words of their own."""
    manifest = json.loads((DIST / ".vite" / "manifest.json").read_text(encoding="utf-8"))
    found, left = set(), [ENTRY]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += [*manifest[name].get("imports", []), *manifest[name].get("dynamicImports", [])]
    return {DIST / manifest[name]["file"] for name in found}


def test_no_engine_word_is_in_any_text_of_the_bundle() -> None:
    texts = {text for chunk in chunks() for text in TEXT.findall(chunk.read_text(encoding="utf-8"))}
    assert any("Give your character a move" in text for text in texts)
    assert sorted(text for text in texts - UNREAD if BANNED.search(text)) == []

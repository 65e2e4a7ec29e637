"""What assistive technology, and people with other needs, find in each state of the page."""

import json
from typing import Any

import pytest
from playwright.async_api import Page

from services.local.layout import ROOT

pytestmark = pytest.mark.browser

AXE = (ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPEN_POPUP = ":popover-open, dialog[open]"

# Those that can be pressed or filled in, with the label as the target of a hidden input.
SMALL = """
(least) => {
  const all = 'button, a[href], summary, select, textarea, [role^=menuitem], [role=slider], ' +
    'input:not([hidden]), [tabindex="0"]'
  const target = (element) =>
    element.matches('input.sr-only, input.peer') ? element.closest('label') : element
  return [...document.querySelectorAll(all)]
    .map(target)
    .filter((element) => element?.checkVisibility({ visibilityProperty: true }))
    .map((element) => ({ element, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 1 && (box.width < least.width || box.height < least.height))
    .filter(({ element }) => element.matches(least.of))
    .map(({ element, box }) =>
      `${Math.round(box.width)} x ${Math.round(box.height)} ${element.outerHTML.slice(0, 120)}`)
}
"""
MAIN_ACTIONS = "[role^=menuitem], " + ", ".join(
    f"[data-testid={name}]"
    for name in [
        *("generate", "advanced", "sample-menu", "mode-menu", "add-file", "stop", "keep"),
        *("download-link", "retry", "same-settings", "same-again", "delete", "share", "continue"),
    ]
)


async def test_nothing_is_in_the_way_of_assistive_technology(state: Page) -> None:
    await state.evaluate(AXE)
    popup = await state.locator(OPEN_POPUP).count()
    options: dict[str, Any] = {
        "runOnly": RULES,
        # What is drawn above the page is in no region of it.
        "rules": {"region": {"enabled": popup == 0}},
    }
    found = await state.evaluate(f"axe.run(document, {json.dumps(options)})")
    assert [
        f"{fault['id']}: {place['html'][:200]}"
        for fault in found["violations"]
        for place in fault["nodes"]
    ] == []


async def test_everything_can_be_hit_with_a_pointer(state: Page) -> None:
    least = {"width": 24, "height": 24, "of": "*"}
    assert await state.evaluate(SMALL, least) == []


async def test_main_actions_are_large_enough_for_a_finger(state: Page) -> None:
    least = {"width": 44, "height": 44, "of": MAIN_ACTIONS}
    devtools = await state.context.new_cdp_session(state)
    await devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    small = await state.evaluate(SMALL, least)
    await devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    await devtools.detach()
    assert small == []


async def test_nothing_moves_for_a_person_who_asked_for_stillness(state: Page) -> None:
    await state.emulate_media(reduced_motion="reduce")
    moving = await state.evaluate(
        "() => document.getAnimations().map(one => one.animationName ?? one.transitionProperty)"
    )
    await state.emulate_media(reduced_motion="no-preference")
    assert moving == []

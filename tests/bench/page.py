"""How fast the page is there, answers and plays, on the built page behind the real ingress."""

import asyncio
import gzip
import json
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect

from services.local.layout import ROOT
from services.store.database import open_pool
from tests.access import Way, let_in
from tests.bench.stacks import Bench, open_bench
from tests.e2e.album import fill_album
from tests.e2e.conftest import CHROMIUM, DESK, FLAGS
from tests.e2e.studio_page import PATIENCE_MS, pick, settle, take_sample, until_ready

RUNS = 3
RENDER_S = 1.0
VIDEOS = 200
AUDITOR = Path(__file__).with_name("page")
NODE = ROOT / ".cache" / "node" / "node"
DIST = ROOT / "frontend" / "dist"

# All that is observed, from before the first script of the page.
OBSERVE = """
window.seen = { lcp: 0, interactions: {}, tasks: [] }
const observe = (type, note, more) => new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) note(entry)
}).observe({ type, buffered: true, ...more })
observe('largest-contentful-paint', (entry) => { seen.lcp = entry.startTime })
observe('longtask', (entry) => seen.tasks.push(entry.duration))
observe('event', ({ interactionId: id, duration }) => {
  if (id > 0) seen.interactions[id] = Math.max(seen.interactions[id] ?? 0, duration)
}, { durationThreshold: 16 })
"""
LARGEST = """
async () => {
  await Promise.all([...document.images].map((image) => image.decode()))
  for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
  return seen.lcp
}
"""
PLAYS = """
async (video) => {
  while (video.currentTime === 0) await new Promise(requestAnimationFrame)
}
"""
AT_END = "() => scrollY + innerHeight >= document.documentElement.scrollHeight - 2"

Measure = Callable[[Browser, str, Way], Awaitable[float]]


async def measure() -> dict[str, Any]:
    """Medians of three. What is only told has no goal."""
    async with open_bench(backends=1, render_s=RENDER_S) as bench, _chromium() as browser:
        url = bench.layout.url
        way = await let_in(bench.layout.database_url)
        return {
            "runs": RUNS,
            "entry_js_gzip_bytes": _at_most(_entry_bytes(), 100_000),
            "lcp_ms": _at_most(await _median(browser, url, way, _lcp(1)), 1000),
            "lcp_cpu_4x_ms": await _median(browser, url, way, _lcp(4)),
            "inp_ms": _at_most(await _median(browser, url, way, _inp(1)), 200),
            "inp_cpu_4x_ms": await _median(browser, url, way, _inp(4)),
            "first_visit_to_playing_s": _at_most(await _first_visits(bench, browser), 15),
            "longest_task_scrolling_200_ms": _at_most(await _scrolling(bench, browser), 100),
            "lighthouse_desktop": await _audit(
                url, way, "desktop", {"performance": 98, "accessibility": 100}
            ),
            "lighthouse_mobile": await _audit(url, way, "mobile", {}),
        }


@asynccontextmanager
async def _chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def _page(browser: Browser, url: str, way: Way, *, cpu: int = 1) -> AsyncIterator[Page]:
    """The studio for somebody who was never here. cpu: how many times slower than ours."""
    context = await browser.new_context(viewport=DESK)  # type: ignore[arg-type]
    await context.add_cookies([way.cookie(url)])
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": cpu})
    await page.add_init_script(OBSERVE)
    await page.goto(url)
    yield page
    await context.close()


def _lcp(cpu: int) -> Measure:
    async def measure(browser: Browser, url: str, way: Way) -> float:
        async with _page(browser, url, way, cpu=cpu) as page:
            await settle(page)
            return float(await page.evaluate(LARGEST))

    return measure


def _inp(cpu: int) -> Measure:
    """The slowest answer to a key or a press."""

    async def measure(browser: Browser, url: str, way: Way) -> float:
        async with _page(browser, url, way, cpu=cpu) as page:
            await settle(page)
            await page.get_by_test_id("prompt").click()
            await page.keyboard.type("She dances on a quiet stage")
            await take_sample(page, "move")
            await page.get_by_test_id("advanced").click()
            await pick(page, "mode-menu", "mode-mix")
            await until_ready(page)
            await page.get_by_test_id("generate").click()
            card = page.get_by_test_id("run-card").first
            await expect(card).to_have_attribute("data-status", "completed", timeout=PATIENCE_MS)
            return float(await page.evaluate("Math.max(...Object.values(seen.interactions))"))

    return measure


async def _first_visits(bench: Bench, browser: Browser) -> float:
    """Seconds from the first request of somebody who has no videos until a sample plays."""
    times = []
    for run in range(RUNS):
        visitor = await let_in(bench.layout.database_url, f"visitor-{run}")
        started = time.monotonic()
        async with _page(browser, bench.layout.url, visitor) as page:
            await page.get_by_test_id("sample-card-move").click()
            await until_ready(page)
            await page.get_by_test_id("generate").click()
            video = page.get_by_test_id("result-video")
            await video.hover(timeout=PATIENCE_MS)
            await video.evaluate(PLAYS)
            times.append(time.monotonic() - started)
    return statistics.median(times)


async def _scrolling(bench: Bench, browser: Browser) -> float:
    """Milliseconds of the longest task while somebody looks through all of many videos."""
    job = await bench.studio.create("animate", await bench.sample())
    await bench.studio.until(job["job_id"], "completed")
    collector = await let_in(bench.layout.database_url, "collector")
    async with open_pool(bench.layout.database_url) as pool:
        await fill_album(pool, collector.owner, job["job_id"], VIDEOS)
    return await _median(browser, bench.layout.url, collector, _longest_task)


async def _longest_task(browser: Browser, url: str, way: Way) -> float:
    async with _page(browser, url, way) as page:
        await settle(page)
        more = page.get_by_test_id("show-more")
        await page.evaluate("seen.tasks = []")
        while await more.count() or not await page.evaluate(AT_END):
            await page.mouse.wheel(0, 600)
            if await more.is_visible() and await more.is_enabled():
                await more.click()
        return float(await page.evaluate("Math.max(0, ...seen.tasks)"))


async def _audit(url: str, way: Way, form: str, goals: dict[str, int]) -> dict[str, Any]:
    """Lighthouse's scores, and what cost some of them. goals: of those that have one."""
    audits = [await _lighthouse(url, way, form) for _ in range(RUNS)]
    medians = {
        name: statistics.median(audit["scores"][name] for audit in audits)
        for name in audits[0]["scores"]
    }
    return {
        name: _at_least(score, goals[name]) if name in goals else score
        for name, score in medians.items()
    } | {"lost": sorted({audit for one in audits for audit in one["lost"]})}


async def _lighthouse(url: str, way: Way, form: str) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(str(NODE), "audit.mjs", url, form, way.session, str(CHROMIUM), *FLAGS),
        cwd=AUDITOR,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, f"Lighthouse ended with {process.returncode}"
    found: dict[str, Any] = json.loads(output)
    return found


def _entry_bytes() -> int:
    """Of the scripts that the page loads before it can be used, as they are sent."""
    chunks = json.loads((DIST / ".vite" / "manifest.json").read_text(encoding="utf-8"))
    taken: set[str] = set()

    def take(names: Iterable[str]) -> None:
        for name in set(names) - taken:
            taken.add(name)
            take(chunks[name].get("imports", []))

    take(["index.html"])
    return sum(len(gzip.compress((DIST / chunks[name]["file"]).read_bytes())) for name in taken)


async def _median(browser: Browser, url: str, way: Way, measure: Measure) -> float:
    return statistics.median([await measure(browser, url, way) for _ in range(RUNS)])


def _at_most(value: float, goal: float) -> dict[str, Any]:
    return {"value": round(value, 2), "goal": goal, "met": value <= goal}


def _at_least(value: float, goal: float) -> dict[str, Any]:
    return {"value": round(value, 2), "goal": goal, "met": value >= goal}

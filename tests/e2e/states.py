"""The states a person can find the page in, and how each is reached from the page as it opens."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from playwright.async_api import Page, Route, expect

from services.local.layout import ROOT
from tests.e2e.shelf import Shelf
from tests.e2e.studio_page import PATIENCE_MS, card_of, chips, drop, pick, settle, take_sample
from tests.studio import Studio


@dataclass(frozen=True)
class Scene:
    """What a state is made of. orders: jobs that are to be stopped when it is left."""

    page: Page
    studio: Studio
    shelf: Shelf
    orders: list[str] = field(default_factory=list)

    async def order(self, prompt: str) -> None:
        """A long video, which others wait behind."""
        job = await self.studio.create("animate", {**self.shelf.long, "prompt": prompt})
        self.orders.append(job["job_id"])


SAMPLES = ROOT / "services" / "local" / "samples"

Reach = Callable[[Scene], Awaitable[None]]


def one_by_one(*reaches: Reach) -> Reach:
    async def reach(scene: Scene) -> None:
        for step in reaches:
            await step(scene)

    return reach


def sample(mode: str) -> Reach:
    return lambda scene: take_sample(scene.page, mode)


def press(test_id: str, shows: str) -> Reach:
    async def reach(scene: Scene) -> None:
        await scene.page.get_by_test_id(test_id).first.click()
        await expect(scene.page.get_by_test_id(shows).first).to_be_visible()

    return reach


def shows(test_id: str) -> Reach:
    async def reach(scene: Scene) -> None:
        shown = scene.page.get_by_test_id(test_id).first
        await expect(shown).to_be_visible(timeout=PATIENCE_MS)
        await shown.scroll_into_view_if_needed()

    return reach


async def opened(scene: Scene) -> None:
    await settle(scene.page)


async def held(scene: Scene) -> None:
    await drop(scene.page, ["character.png"], "hold")
    await expect(scene.page.get_by_text("They are sorted for you.").last).to_be_visible()


async def wrong_file(scene: Scene) -> None:
    content = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"words"}
    await scene.page.get_by_test_id("file-input").set_input_files(content)  # type: ignore[arg-type]
    await expect(scene.page.get_by_test_id("check-warn")).to_be_visible()


async def failed_upload(scene: Scene) -> None:
    async def refuse(route: Route) -> None:
        await route.fulfill(status=502)

    await scene.page.route("**/api/assets/*", refuse)
    await drop(scene.page, ["character.png"])
    await expect(chips(scene.page)).to_have_attribute("data-state", "failed")
    await scene.page.unroute("**/api/assets/*")


async def pose_sheet(scene: Scene) -> None:
    async with scene.page.expect_file_chooser() as asked:
        await pick(scene.page, "add-file", "add-pose-sheet")
    await (await asked.value).set_files(SAMPLES / "character.png")
    await shows("pose-hints")(scene)


async def lost_line(scene: Scene) -> None:
    await scene.page.route("**/api/events*", lambda route: route.abort())
    await scene.page.reload()
    await expect(scene.page.get_by_test_id("connection")).to_contain_text("Reconnecting")


async def rendering(scene: Scene) -> None:
    await scene.order("A long walk")
    card = card_of(scene.page, "A long walk").first
    await expect(card.get_by_text("%")).to_be_visible(timeout=PATIENCE_MS)


async def waiting(scene: Scene) -> None:
    await rendering(scene)
    await scene.order("The walk after it")
    card = card_of(scene.page, "The walk after it").first
    await expect(card.get_by_test_id("stage")).to_have_text("In line", timeout=PATIENCE_MS)


def ended(prompt: Callable[[Shelf], str]) -> Reach:
    async def reach(scene: Scene) -> None:
        card = card_of(scene.page, prompt(scene.shelf)).first
        await card.scroll_into_view_if_needed()

    return reach


async def watched(scene: Scene) -> None:
    await scene.page.goto(f"{scene.page.url}v/{scene.shelf.done_id}")
    await shows("viewer")(scene)


STATES: dict[str, Reach] = {
    "empty": opened,
    "sample": sample("move"),
    "drawer": one_by_one(sample("audio"), press("advanced", "drawer")),
    "mode menu": one_by_one(opened, press("mode-menu", "mode-mix")),
    "sample menu": one_by_one(opened, press("sample-menu", "sample-mix")),
    "file menu": one_by_one(opened, press("add-file", "add-several")),
    "role menu": one_by_one(sample("move"), press("role-menu-ground-truth", "chip-ground-truth")),
    "files held over": one_by_one(opened, held),
    "wrong file": one_by_one(opened, wrong_file),
    "failed upload": one_by_one(opened, failed_upload),
    "reconnecting": lost_line,
    "in line": waiting,
    "animating": rendering,
    "growing": one_by_one(rendering, shows("growing-video")),
    "done": ended(lambda shelf: shelf.done),
    "failed": ended(lambda shelf: shelf.failed),
    "stopped": ended(lambda shelf: shelf.stopped),
    "framing": one_by_one(sample("move"), press("frame", "frame-dialog")),
    "trimming": one_by_one(sample("move"), press("trim", "trim-dialog")),
    "trimming sound": one_by_one(sample("audio"), press("trim", "trim-dialog")),
    "choosing a person": one_by_one(sample("mix"), press("pick-person", "person-dialog")),
    "hints for poses": one_by_one(opened, pose_sheet, press("pose-hints", "poses-dialog")),
    "offer to tell": one_by_one(sample("move"), press("generate", "notify-me")),
    "list of keys": one_by_one(opened, press("keys", "keys-dialog")),
    "viewer": watched,
}
"""By name. A later state is one more line."""

"""A running stand-in with a client on it, and small graphs and media for it."""

import asyncio
import json
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import uuid4

import av
import httpx
import numpy as np
from PIL import Image
from websockets.asyncio.client import ClientConnection, connect

from proto.render import PromptOutcome
from services.comfy import presence, prompts
from services.comfy.connection import ComfyConnection
from services.comfy.outcome import judge
from services.comfy.presence import Whereabouts
from services.comfy_sim.encode import write_mp4
from services.comfy_sim.options import SimOptions
from services.comfy_sim.server import Sim, serve

MODELS = {
    "diffusion_models": ["model.safetensors"],
    "text_encoders": ["text.safetensors"],
    "vae": ["vae.safetensors"],
    "audio_encoders": ["audio.safetensors"],
}
ENDLESS_STEPS = 10_000
PATIENCE_S = 30.0
PAUSE_S = 0.002

Graph = dict[str, Any]


async def answers(comfy: ComfyConnection) -> bool:
    try:
        return (await comfy.http.get("/prompt")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@dataclass(frozen=True)
class Bench:
    sim: Sim
    comfy: ComfyConnection

    async def submit(self, graph: Graph, prompt_id: str | None = None) -> str:
        accepted = await prompts.submit(
            self.comfy,
            graph,
            prompt_id=prompt_id or str(uuid4()),
            client_id="bench",
            extra_pnginfo={"job": "j1"},
        )
        return accepted.prompt_id

    async def place(self, prompt_id: str) -> Whereabouts:
        return (await presence.find_prompt(self.comfy, prompt_id)).where

    async def wait_for(self, prompt_id: str, *wanted: Whereabouts) -> None:
        while await self.place(prompt_id) not in wanted:
            pass

    async def finish(self, prompt_id: str, *wanted_nodes: str) -> PromptOutcome:
        await self.wait_for(prompt_id, Whereabouts.ENDED)
        place = await presence.find_prompt(self.comfy, prompt_id)
        assert place.entry is not None
        return judge(place.entry, wanted_nodes)

    async def render(self, graph: Graph) -> Path:
        """The file its node `save` made."""
        outcome = await self.finish(await self.submit(graph), "save")
        assert outcome.cause is None, outcome.cause
        [file] = outcome.files["save"]
        return self.sim.files.folder(file.type) / file.subfolder / file.filename

    async def post(self, graph: Any, **keys: Any) -> httpx.Response:
        """POST /prompt as it stands, past the client's own checks."""
        return await self.comfy.http.post("/prompt", json={"prompt": graph, **keys})

    async def get(self, path: str) -> Any:
        response = await self.comfy.http.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    async def entry(self, prompt_id: str) -> dict[str, Any]:
        """What the history has of a prompt, once it has it."""

        async def look() -> Any:
            return (await self.get(f"/history/{prompt_id}")).get(prompt_id)

        found: dict[str, Any] = await until(look)
        return found

    async def line(self) -> tuple[list[str], list[str]]:
        """The ids that run and that wait."""
        body = await self.get("/queue")
        running, pending = body["queue_running"], body["queue_pending"]
        return [item[1] for item in running], [item[1] for item in pending]

    async def answers(self) -> bool:
        return await answers(self.comfy)

    async def occupy(self, prompt_id: str = "busy") -> None:
        """Keep the server at a prompt that only an interrupt ends."""
        add_media(self.sim.files.folder("input"))
        await self.submit(move(steps=ENDLESS_STEPS), prompt_id)
        await self.wait_for(prompt_id, Whereabouts.RUNNING)

    def socket(self, client_id: str) -> connect:
        url = self.sim.url.replace("http", "ws")
        return connect(f"{url}/ws?clientId={client_id}", proxy=None)

    def ledger(self) -> list[tuple[str, str | None]]:
        """Each event, and the prompt it is about."""
        lines = (self.sim.files.base / "ledger.jsonl").read_text().splitlines()
        return [(line["event"], line.get("prompt_id")) for line in map(json.loads, lines)]


async def until(look: Callable[[], Awaitable[Any]]) -> Any:
    """The first thing `look` gives that counts as true. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(PAUSE_S)


async def read_until(reader: ClientConnection, event: str) -> list[dict[str, Any]]:
    """The messages up to the first of this type; pictures are left out."""
    messages: list[dict[str, Any]] = []
    async with asyncio.timeout(PATIENCE_S):
        while not messages or messages[-1]["type"] != event:
            if isinstance(frame := await reader.recv(), str):
                messages.append(json.loads(frame))
    return messages


@asynccontextmanager
async def served(base_dir: Path, **changes: Any) -> AsyncIterator[Bench]:
    fast: dict[str, Any] = {"step_seconds": 0.001, "node_seconds": 0.0, "models": MODELS}
    options = SimOptions(base_dir=base_dir, **{**fast, **changes})
    async with serve(options) as sim, ComfyConnection(sim.url) as comfy:
        yield Bench(sim, comfy)


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def still(prefix: str = "still", *, colour: int = 0) -> Graph:
    return {
        "image": node("EmptyImage", width=64, height=48, batch_size=1, color=colour),
        "save": node("SaveImage", images=["image", 0], filename_prefix=prefix),
    }


def models() -> Graph:
    return {
        "model": node("UNETLoader", unet_name="model.safetensors", weight_dtype="default"),
        "clip": node("CLIPLoader", clip_name="text.safetensors", type="wan"),
        "text": node("CLIPTextEncode", clip=["clip", 0], text="a person"),
        "vae": node("VAELoader", vae_name="vae.safetensors"),
        "picture": node("LoadImage", image="picture.png"),
    }


def sampler(source: str, steps: int = 2) -> dict[str, Any]:
    return node(
        "KSampler",
        model=["model", 0],
        positive=[source, 0],
        negative=[source, 1],
        latent_image=[source, 2],
        seed=1,
        steps=steps,
        cfg=1.0,
        sampler_name="euler",
        scheduler="simple",
        denoise=1.0,
    )


def saved(images: str, prefix: str = "video/clip") -> Graph:
    return {
        "video": node("CreateVideo", images=[images, 0], fps=16.0),
        "save": node(
            "SaveVideo", video=["video", 0], filename_prefix=prefix, format="mp4", codec="h264"
        ),
    }


def move(*, length: int = 21, frames: int = 21, steps: int = 2, **animate: Any) -> Graph:
    """A segment of 64 x 96: `length` asked of the model, the first `frames` kept."""
    return {
        **models(),
        "motion": node("LoadVideo", file="motion.mp4"),
        "frames": node("GetVideoComponents", video=["motion", 0]),
        "animate": node(
            "WanAnimateToVideo",
            positive=["text", 0],
            negative=["text", 0],
            vae=["vae", 0],
            width=64,
            height=96,
            length=length,
            batch_size=1,
            continue_motion_max_frames=5,
            video_frame_offset=0,
            reference_image=["picture", 0],
            pose_video=["frames", 0],
            **animate,
        ),
        "sampler": sampler("animate", steps),
        "trim": node("TrimVideoLatent", samples=["sampler", 0], trim_amount=["animate", 3]),
        "decode": node("VAEDecode", samples=["trim", 0], vae=["vae", 0]),
        "cut": node("ImageFromBatch", image=["decode", 0], batch_index=0, length=frames),
        **saved("cut"),
    }


def mix() -> Graph:
    return move(background_video=["frames", 0])


def voice(*, frames: int = 77) -> Graph:
    """The first chunk of a performance of 64 x 96, with its first latent doubled for decoding."""
    return {
        **models(),
        "sound": node("LoadAudio", audio="voice.wav"),
        "encoder": node("AudioEncoderLoader", audio_encoder_name="audio.safetensors"),
        "heard": node("AudioEncoderEncode", audio_encoder=["encoder", 0], audio=["sound", 0]),
        "perform": node(
            "WanSoundImageToVideo",
            positive=["text", 0],
            negative=["text", 0],
            vae=["vae", 0],
            width=64,
            height=96,
            length=77,
            batch_size=1,
            audio_encoder_output=["heard", 0],
            ref_image=["picture", 0],
        ),
        "sampler": sampler("perform"),
        "head": node("LatentCut", samples=["sampler", 0], dim="t", index=0, amount=1),
        "whole": node("LatentConcat", samples1=["head", 0], samples2=["sampler", 0], dim="t"),
        "decode": node("VAEDecode", samples=["whole", 0], vae=["vae", 0]),
        "cut": node("ImageFromBatch", image=["decode", 0], batch_index=4, length=frames),
        **saved("cut"),
    }


def add_media(folder: Path) -> None:
    """picture.png, motion.mp4 (30 frames, silent) and voice.wav (2 s)."""
    Image.new("RGB", (90, 120), (200, 120, 40)).save(folder / "picture.png")
    write_mp4(folder / "motion.mp4", _moving_square(30), Fraction(16), {}, None)
    loud = (np.sin(np.arange(32_000) / 9) * 20_000).astype("<i2")
    with wave.open(str(folder / "voice.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(16_000)
        sound.writeframes(loud.tobytes())


def _moving_square(count: int) -> Iterator[Any]:
    for index in range(count):
        frame = np.full((96, 64, 3), 30, np.uint8)
        frame[30:60, index : index + 20] = (240, 240, 200)
        yield frame


@dataclass(frozen=True)
class Watched:
    width: int
    height: int
    frames: int
    fps: Fraction
    codec: str
    metadata: dict[str, str]


def watch(path: Path) -> Watched:
    """What a decoder makes of a video, every frame of it decoded."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        frames = sum(1 for _ in container.decode(video=0))
        rate = stream.average_rate or Fraction(0)
        size = (stream.width, stream.height)
        name = stream.codec_context.name
        return Watched(*size, frames, rate, name, dict(container.metadata))

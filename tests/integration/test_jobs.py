"""Each mode from upload to finished video, read with a decoder."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import pytest_asyncio
from PIL import Image

from proto.ids import prompt_id
from proto.job import OutputName
from proto.media import AssetKind
from proto.plan import InputRole
from proto.schemas import SCHEMAS
from tests.integration.cases import CASES, POSE_HINT, Asset, Case, Outcome
from tests.media_factory import Watched, watch
from tests.studio import Studio

STATES = ["accepted", "uploaded", "queued", "executing", "collecting_outputs", "completed"]
CONTAINER_TAGS = {"major_brand", "minor_version", "compatible_brands"}
STREAM_TAGS = {"language", "handler_name", "vendor_id"}

Assets = dict[str, Asset]


@pytest.fixture(scope="session")
def assets(character: Asset, clip: Asset, silent_clip: Asset, voice: Asset) -> Assets:
    return {"character": character, "clip": clip, "silent_clip": silent_clip, "voice": voice}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def started(studio: Studio, assets: Assets) -> dict[str, tuple[Any, Any]]:
    """All cases, so that one is rendered while another is looked at: promise and job."""
    return {
        case.name: (
            await studio.preview(case.mode, case.body(assets)),
            await studio.create(case.mode, case.body(assets)),
        )
        for case in CASES
    }


@pytest_asyncio.fixture(
    scope="session", loop_scope="session", params=CASES, ids=lambda case: case.name
)
async def outcome(
    request: pytest.FixtureRequest,
    studio: Studio,
    assets: Assets,
    started: dict[str, tuple[Any, Any]],
) -> Outcome:
    case: Case = request.param
    promise, created = started[case.name]
    messages = await studio.messages(f"/api/jobs/{created['job_id']}/stream")
    assert messages[-1].event == "completed", messages[-1].data
    outputs = await studio.fetch_json(f"/api/jobs/{created['job_id']}/outputs")
    [output] = outputs["items"]
    files = {name: await studio.fetch(file["url"]) for name, file in output["files"].items()}
    job = await studio.get(created["job_id"])
    return Outcome(case, case.body(assets), promise, messages, job, output, files)


@pytest.fixture(scope="session")
def video(outcome: Outcome, media: Path) -> Watched:
    path = media / f"{outcome.case.name}.mp4"
    path.write_bytes(outcome.files[OutputName.VIDEO])
    return watch(path)


def test_result_keeps_the_promise(outcome: Outcome, video: Watched) -> None:
    assert video.size == outcome.size
    assert abs(video.frames - outcome.promise["frame_count"]) <= 1
    assert float(video.fps) == outcome.promise["fps"]


def test_result_has_the_length_and_shape_asked_for(outcome: Outcome, video: Watched) -> None:
    assert abs(video.frames - outcome.case.seconds * video.fps) <= 1
    assert video.size[0] / video.size[1] == pytest.approx(float(outcome.case.shape), rel=0.01)


def test_output_says_what_the_video_is(outcome: Outcome, video: Watched) -> None:
    output = outcome.output
    assert output["resolution"] == f"{video.size[0]}x{video.size[1]}"
    assert output["frame_count"] == video.frames
    assert output["fps"] == float(video.fps)
    assert output["duration_seconds"] == pytest.approx(video.video_s)
    assert output["has_audio"] == (video.audio_codec is not None)


def test_video_plays_everywhere_and_starts_at_once(video: Watched) -> None:
    assert (video.codec, video.pixel_format) == ("h264", "yuv420p")
    assert video.boxes.index("moov") < video.boxes.index("mdat")


def test_sound_is_there_when_the_source_has_one(
    outcome: Outcome, video: Watched, assets: Assets
) -> None:
    source = assets[outcome.case.driving[1]]
    assert video.audio_codec == ("aac" if source["has_audio"] else None)
    assert outcome.promise["has_audio"] == source["has_audio"]


def test_sound_and_picture_end_together(video: Watched) -> None:
    sound_s = video.video_s if video.audio_s is None else video.audio_s
    assert abs(video.video_s - sound_s) <= 1 / video.fps


def test_video_tells_nothing_of_the_engine(outcome: Outcome, video: Watched) -> None:
    assert set(video.tags) <= CONTAINER_TAGS | STREAM_TAGS
    content = outcome.files[OutputName.VIDEO].lower()
    assert not any(word in content for word in (b"comfy", b"ksampler", b"prompt", b"lavf"))


def test_stills_have_the_videos_size(outcome: Outcome) -> None:
    poster = Image.open(io.BytesIO(outcome.files[OutputName.POSTER]))
    first = Image.open(io.BytesIO(outcome.files[OutputName.FIRST_FRAME]))
    poster.load()
    first.load()
    assert (poster.format, poster.size) == ("JPEG", outcome.size)
    assert (first.format, first.size) == ("PNG", outcome.size)


def test_preview_moves_and_has_the_videos_shape(outcome: Outcome) -> None:
    preview = Image.open(io.BytesIO(outcome.files[OutputName.ANIMATED_PREVIEW]))
    assert getattr(preview, "is_animated", False)
    width, height = preview.size
    assert width / height == pytest.approx(outcome.size[0] / outcome.size[1], rel=0.02)
    assert max(width, height) <= max(outcome.size)


def test_files_are_what_the_output_says(outcome: Outcome) -> None:
    for name, file in outcome.output["files"].items():
        content = outcome.files[name]
        assert file["size_bytes"] == len(content), name
        assert file["sha256"] == hashlib.sha256(content).hexdigest(), name


async def test_download_is_offered_as_a_file(outcome: Outcome, studio: Studio) -> None:
    response = await studio.http.get(outcome.output["download_url"])
    name = f"animatrix-{outcome.job['job_id'][:8]}.mp4"
    assert response.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert response.headers["content-type"] == "video/mp4"
    assert response.content == outcome.files[OutputName.VIDEO]


def test_stream_tells_every_state_in_order(outcome: Outcome) -> None:
    told = [message.event for message in outcome.messages]
    assert told[0] == "hello"
    assert [event for event in told if event in STATES] == STATES


def test_finished_job_carries_its_output(outcome: Outcome) -> None:
    job = outcome.job
    assert (job["status"], job["progress"], job["error"]) == ("completed", 1.0, None)
    assert job["output"]["output_id"] == outcome.output["output_id"]
    assert job["comfy_prompt_id"] == prompt_id(job["job_id"], 0, 0)
    sent = {name: job["settings_json"][name] for name in outcome.body}
    assert sent == outcome.body


def test_manifest_names_what_ran(outcome: Outcome, studio: Studio) -> None:
    manifest, job = outcome.manifest, outcome.job
    [segment] = manifest.segments
    assert str(manifest.template) == job["workflow_template"]
    assert manifest.template.version == "1.1.0"
    assert len(bytes.fromhex(manifest.template.graph_sha256)) == 32
    assert segment.prompt_id == job["comfy_prompt_id"]
    assert segment.seed == job["seed"]
    assert segment.backend_version
    assert segment.node_fingerprint
    assert all(name.endswith(".safetensors") for name in manifest.models.values())
    assert manifest.nodes


def test_manifest_names_the_inputs_by_their_contents(outcome: Outcome, assets: Assets) -> None:
    driving = InputRole.VOICE if "audio" in outcome.case.mode else InputRole.MOTION
    sources = {
        InputRole.CHARACTER: assets["character"],
        driving: assets[outcome.case.driving[1]],
    }
    found = {item.role: (item.asset_id, item.source_sha256) for item in outcome.manifest.inputs}
    assert found == {role: (a["asset_id"], a["sha256"]) for role, a in sources.items()}


def test_manifest_says_what_was_made_of_each_file(outcome: Outcome, assets: Assets) -> None:
    made = {item.role: item for item in outcome.manifest.inputs}
    character = made.pop(InputRole.CHARACTER)
    assert character.source.kind is AssetKind.IMAGE
    assert (character.source.width, character.source.height) == (480, 640)
    assert (character.width, character.height, character.frames) == (*outcome.size, 1)
    assert character.kept is not None
    kept = character.kept.width * 480 / (character.kept.height * 640)
    assert kept == pytest.approx(outcome.size[0] / outcome.size[1])
    [driving] = made.values()
    uploaded = assets[outcome.case.driving[1]]
    assert driving.source.duration_s == uploaded["duration_seconds"]
    assert driving.frames == outcome.promise["frame_count"]
    is_clip = driving.role is InputRole.MOTION
    assert (driving.width, driving.kept is None) == (
        (outcome.size[0], False) if is_clip else (None, True)
    )
    assert not driving.tone_mapped


@pytest.mark.parametrize("name", [OutputName.MANIFEST, OutputName.DEBUG])
def test_json_output_keeps_to_its_published_schema(outcome: Outcome, name: OutputName) -> None:
    schema = json.loads((SCHEMAS / f"{Path(name).stem}.schema.json").read_bytes())
    jsonschema.validate(
        json.loads(outcome.files[name]),
        schema,
        jsonschema.Draft202012Validator,
        format_checker=jsonschema.FormatChecker(),
    )


def test_manifest_describes_the_video_it_lies_beside(outcome: Outcome, video: Watched) -> None:
    result = outcome.manifest.result
    assert (result.width, result.height, result.frames) == (*video.size, video.frames)
    assert result.video_sha256 == outcome.output["files"][OutputName.VIDEO]["sha256"]
    assert result.has_audio == (video.audio_codec is not None)


def test_manifest_holds_the_graph_that_ran(outcome: Outcome) -> None:
    [segment] = outcome.manifest.segments
    assert len(bytes.fromhex(segment.graph_sha256)) == 32
    assert segment.bound_values["seed"] == outcome.job["seed"]
    assert segment.bound_values["width"] == outcome.size[0]
    assert outcome.body["prompt"] in segment.bound_values["positive_prompt"]
    assert set(segment.fresh).isdisjoint(segment.reused)


def test_debug_metadata_times_every_event(outcome: Outcome) -> None:
    debug = outcome.debug
    assert debug.job_id == outcome.job["job_id"]
    assert debug.plan.frames == outcome.promise["frame_count"]
    assert [timing.event for timing in debug.timings][:4] == STATES[:4]
    times = [timing.at for timing in debug.timings]
    assert times == sorted(times)


def test_result_is_marked_simulated(outcome: Outcome) -> None:
    assert outcome.output["simulated"]
    assert outcome.manifest.result.simulated


def test_guidance_is_marked_soft(outcome: Outcome) -> None:
    notes = {note.kind: note for note in outcome.manifest.soft_guidance}
    assert set(notes) == ({"pose", "reference"} if outcome.case.guided else set())
    assert all(note.note == "soft guidance" for note in notes.values())
    assert (POSE_HINT in outcome.manifest.positive_prompt) == outcome.case.guided


def test_seed_is_the_one_given_or_is_told(outcome: Outcome) -> None:
    [segment] = outcome.manifest.segments
    assert segment.seed == outcome.job["seed"] == outcome.body.get("seed", outcome.job["seed"])


def test_high_quality_renders_with_the_full_model(outcome: Outcome) -> None:
    model = outcome.manifest.segments[0].bound_values["diffusion_model"]
    assert ("bf16" in model) == (outcome.case.settings.get("quality_profile") == "high")


def test_json_outputs_hold_no_address_or_secret(outcome: Outcome) -> None:
    for name in (OutputName.MANIFEST, OutputName.DEBUG):
        text = json.dumps(json.loads(outcome.files[name]))
        assert not any(word in text for word in ("X-Amz", "password", "file:", str(Path.home())))

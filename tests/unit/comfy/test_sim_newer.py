"""The stand-in as a ComfyUI of late 2026."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.unit.comfy.comfy_factory import (
    Bench,
    Graph,
    add_media,
    move,
    node,
    served,
    still,
    until,
)


def newer(base_dir: Path, **changes: Any) -> Any:
    return served(base_dir, profile="newer", **changes)


def new_id() -> str:
    return str(uuid4())


async def busy(bench: Bench) -> str:
    prompt_id = new_id()
    await bench.occupy(prompt_id)
    return prompt_id


@pytest.mark.parametrize("profile", ["0.3.64", "newer"])
async def test_job_routes_are_there_only_on_the_newer_server(tmp_path: Path, profile: str) -> None:
    async with served(tmp_path, profile=profile) as bench:
        paths = ["/api/jobs", f"/api/jobs/{new_id()}", "/jobs"]
        answers = [await bench.comfy.http.get(path) for path in paths]
        expected = [200, 404, 404] if profile == "newer" else [404, 404, 404]
        assert [answer.status_code for answer in answers] == expected
        unknown = answers[1].json() if profile == "newer" else answers[1].content
        assert unknown == ({"error": "Job not found"} if profile == "newer" else b"")


@pytest.mark.parametrize(
    "prompt_id", ["p1", "", 42, "3F1C0000-0000-4000-8000-000000000000", uuid4().hex]
)
async def test_prompt_id_of_another_form_is_refused(tmp_path: Path, prompt_id: Any) -> None:
    async with newer(tmp_path) as bench:
        answer = await bench.post(still(), prompt_id=prompt_id)
        assert answer.status_code == 400
        assert answer.json()["error"]["type"] == "invalid_prompt_id"
        assert answer.json()["node_errors"] == {}


async def test_null_prompt_id_lets_the_server_choose(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        prompt_id = (await bench.post(still(), prompt_id=None)).json()["prompt_id"]
        assert len(prompt_id) == 36
        assert await bench.entry(prompt_id)


async def test_queue_shows_the_time_and_no_secrets(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        await busy(bench)
        await bench.post(still(), extra_data={"api_key_comfy_org": "s", "other": 1})
        (item,) = (await bench.get("/queue"))["queue_pending"]
        assert len(item) == 5
        assert item[3].pop("create_time") > 1e12
        assert item[3] == {"other": 1}


async def test_job_is_told_in_each_of_its_states(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        running, pending = await busy(bench), new_id()
        await bench.submit(still(), pending)
        states = [(await bench.get(f"/api/jobs/{id_}"))["status"] for id_ in (running, pending)]
        assert states == ["in_progress", "pending"]
        await bench.comfy.http.post(f"/api/jobs/{running}/cancel")
        await bench.entry(pending)
        listed = (await bench.get("/api/jobs"))["jobs"]
        assert {job["id"]: job["status"] for job in listed} == {
            running: "cancelled",
            pending: "completed",
        }


async def test_ended_job_has_its_times_and_outputs(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        prompt_id = await bench.submit(still())
        await bench.entry(prompt_id)
        job = await bench.get(f"/api/jobs/{prompt_id}")
        assert job["create_time"] <= job["execution_start_time"] <= job["execution_end_time"]
        assert (job["outputs_count"], job["preview_output"]["nodeId"]) == (1, "save")
        assert job["outputs"]["save"]["images"][0]["filename"] == "still_00001_.png"
        assert job["workflow"]["prompt"] == still()
        assert {"execution_error", "workflow_id"} & set(job) == set()


async def test_failed_job_tells_its_error(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        prompt_id = await bench.submit(still("../../evil"))
        await bench.entry(prompt_id)
        (job,) = (await bench.get("/api/jobs?status=failed"))["jobs"]
        assert job["execution_error"]["node_id"] == "save"


async def test_jobs_come_in_pages(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        ids = [await bench.submit(still(str(number))) for number in range(3)]
        for prompt_id in ids:
            await bench.entry(prompt_id)
        page = await bench.get("/api/jobs?sort_order=asc&limit=2&offset=1")
        assert len(page["jobs"]) == 2
        assert page["pagination"] == {"offset": 1, "limit": 2, "total": 3, "has_more": False}


@pytest.mark.parametrize(
    "query", ["status=lost", "sort_by=name", "sort_order=up", "limit=0", "limit=x", "offset=x"]
)
async def test_query_that_makes_no_sense_is_refused(tmp_path: Path, query: str) -> None:
    async with newer(tmp_path) as bench:
        answer = await bench.comfy.http.get(f"/api/jobs?{query}")
        assert (answer.status_code, list(answer.json())) == (400, ["error"])


async def test_cancel_reaches_a_job_wherever_it_is(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        running, pending = await busy(bench), new_id()
        await bench.submit(still(), pending)
        for job_id in (pending, running):
            answer = await bench.comfy.http.post(f"/api/jobs/{job_id}/cancel")
            assert answer.json() == {"cancelled": True}
        ended = await bench.entry(running)
        assert ended["status"]["messages"][-1][0] == "execution_interrupted"
        assert await bench.get(f"/history/{pending}") == {}
        for job_id in (pending, running, new_id()):
            answer = await bench.comfy.http.post(f"/api/jobs/{job_id}/cancel")
            assert (answer.status_code, answer.json()) == (200, {"cancelled": False})


async def test_several_jobs_are_cancelled_at_once(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        running, pending = await busy(bench), new_id()
        await bench.submit(still(), pending)
        body = {"job_ids": [running, pending, new_id()]}
        answer = await bench.comfy.http.post("/api/jobs/cancel", json=body)
        assert answer.json() == {"cancelled": True}
        await bench.entry(running)
        assert await bench.line() == ([], [])


@pytest.mark.parametrize("body", ["", "[]", '{"job_ids": "x"}', '{"job_ids": ["x"]}'])
async def test_bad_list_of_jobs_is_refused(tmp_path: Path, body: str) -> None:
    async with newer(tmp_path) as bench:
        answer = await bench.comfy.http.post("/api/jobs/cancel", content=body)
        assert (answer.status_code, "error" in answer.json()) == (400, True)


@pytest.mark.parametrize(
    ("broken", "class_type"), [(node("NoSuchNode"), "NoSuchNode"), ({"inputs": {}}, None)]
)
async def test_missing_class_is_told_apart(tmp_path: Path, broken: Any, class_type: Any) -> None:
    async with newer(tmp_path) as bench:
        error = (await bench.post({**still(), "x": broken})).json()["error"]
        assert error["type"] == "missing_node_type"
        facts = {"node_id": "x", "class_type": class_type, "node_title": class_type}
        assert error["extra_info"] == facts


async def test_cycle_is_told_at_each_of_its_nodes(tmp_path: Path) -> None:
    graph: Graph = {
        "a": node("ImageInvert", image=["b", 0]),
        "b": node("ImageInvert", image=["a", 0]),
        "save": node("SaveImage", images=["a", 0], filename_prefix="x"),
    }
    async with newer(tmp_path) as bench:
        told = (await bench.post(graph)).json()["node_errors"]
        assert sorted(told) == ["a", "b"]
        (error,) = told["b"]["errors"]
        assert error["type"] == "dependency_cycle"
        assert error["details"] == "a (ImageInvert) -> b (ImageInvert) -> a (ImageInvert)"


async def test_results_live_across_prompts(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        for colour in (1, 2, 1):
            entry = await bench.entry(await bench.submit(still(colour=colour)))
        assert entry["status"]["messages"][1][1]["nodes"] == ["image", "save"]
        assert entry["outputs"]["save"]["images"][0]["filename"] == "still_00001_.png"


async def test_files_are_told_with_more_than_their_names(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        add_media(bench.sim.files.folder("input"))
        picture = await bench.entry(await bench.submit(still()))
        video = await bench.entry(await bench.submit(move()))
        (still_file,) = picture["outputs"]["save"]["images"]
        (video_file,) = video["outputs"]["save"]["images"]
        assert still_file["preview_id"] == still_file["id"] != video_file["id"]
        assert still_file["metadata"] == {"kind": "image", "width": 64, "height": 48}
        assert video_file["metadata"]["frame_count"] == 21


async def test_upload_is_told_as_an_asset(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        files = {"image": ("a.png", b"123")}
        answer = (await bench.comfy.http.post("/upload/image", files=files)).json()
        assert (answer["name"], answer["asset"]["size"]) == ("a.png", 3)


@pytest.mark.parametrize("profile", ["0.3.64", "newer"])
async def test_loader_may_leave_its_folder_only_on_the_older_server(
    tmp_path: Path, profile: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    add_media(outside)
    async with served(tmp_path / "comfy", profile=profile) as bench:
        (bench.sim.files.folder("input") / "link.png").symlink_to(outside / "picture.png")
        names = ["../../outside/picture.png", str(outside / "picture.png"), "link.png"]
        for name in names:
            graph = {**still(), "image": node("LoadImage", image=name)}
            answer = await bench.post(graph, prompt_id=(prompt_id := new_id()))
            assert answer.status_code == (400 if profile == "newer" else 200)
            if profile != "newer":
                assert (await bench.entry(prompt_id))["status"]["completed"]


async def test_active_content_is_only_for_download(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        for name in ("a.svg", "a.js", "a.html"):
            (bench.sim.files.folder("output") / name).write_bytes(b"x")
            headers = (await bench.comfy.http.get(f"/view?filename={name}")).headers
            assert headers["Content-Type"] == "application/octet-stream"
            assert headers["Content-Disposition"] == f'attachment; filename="{name}"'


async def test_cross_site_request_is_kept_out(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        headers = {"Sec-Fetch-Site": "cross-site", "Host": "gpu.example"}
        assert (await bench.comfy.http.get("/queue", headers=headers)).status_code == 403


async def test_newer_server_says_so(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        system = (await bench.get("/system_stats"))["system"]
        assert (system["comfyui_version"], system["os"]) == ("0.38.1", "linux")
        assert (await bench.get("/features"))["assets"] is True


async def test_null_extra_data_is_a_server_error(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        assert (await bench.post(still(), extra_data=None)).status_code == 500
        assert await bench.line() == ([], [])


async def test_cancelled_run_is_interrupted_within_a_step(tmp_path: Path) -> None:
    async with newer(tmp_path) as bench:
        prompt_id = await busy(bench)

        async def cancelled() -> bool:
            answer = await bench.comfy.http.post(f"/api/jobs/{prompt_id}/cancel")
            return not answer.json()["cancelled"]

        await until(cancelled)
        assert (await bench.get(f"/api/jobs/{prompt_id}"))["status"] == "cancelled"

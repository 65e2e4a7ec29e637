"""The routes, and what they answer when nothing of interest is asked."""

import httpx
import pytest

from tests.contract.graphs import FOLDER
from tests.contract.server import Server, new_id

PATHS = ["/system_stats", "/features", "/queue", "/prompt", "/models", "/embeddings"]
NODES = ["EmptyImage", "ImageBatch", "ImageScale", "LoadImage", "PreviewImage", "SaveImage"]
UNKNOWN = new_id()


def assert_server_error(answer: httpx.Response) -> None:
    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.text.startswith("500 Internal Server Error")


@pytest.mark.parametrize("path", [*PATHS, "/history?max_items=1", "/object_info/SaveImage"])
async def test_every_route_is_also_under_api(server: Server, path: str) -> None:
    bare, prefixed = await server.http.get(path), await server.http.get(f"/api{path}")
    assert (bare.status_code, prefixed.status_code) == (200, 200)
    assert type(bare.json()) is type(prefixed.json())


async def test_the_root_is_a_page_that_is_not_cached(server: Server) -> None:
    answer = await server.http.get("/")
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (200, "text/html")
    assert "no-cache" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere", "/history/", f"/history/{UNKNOWN}/"])
async def test_an_unknown_path_is_404_with_nothing_in_it(server: Server, path: str) -> None:
    answer = await server.http.get(path)
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("path", ["/interrupt", "/upload/image"])
async def test_get_of_a_route_that_only_takes_posts_is_404(server: Server, path: str) -> None:
    assert (await server.http.get(path)).status_code == 404


@pytest.mark.parametrize(("method", "path"), [("PUT", "/prompt"), ("POST", "/view")])
async def test_another_method_is_405(server: Server, method: str, path: str) -> None:
    answer = await server.http.request(method, path, json={})
    assert (answer.status_code, answer.headers["Content-Type"][:10]) == (405, "text/plain")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/queue", {}),
        ("/queue", {"clear": False}),
        ("/queue", {"delete": [UNKNOWN]}),
        ("/history", {"delete": [UNKNOWN]}),
        ("/interrupt", {"prompt_id": UNKNOWN}),
    ],
)
async def test_a_command_is_answered_with_nothing(
    server: Server, path: str, body: dict[str, object]
) -> None:
    answer = await server.http.post(path, json=body)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("path", ["/prompt", "/queue", "/history", "/free"])
async def test_a_body_that_is_missing_is_a_server_error(server: Server, path: str) -> None:
    assert_server_error(await server.http.post(path))


async def test_a_body_that_is_no_json_is_a_server_error(server: Server) -> None:
    assert_server_error(await server.http.post("/prompt", content="not json"))


async def test_a_null_list_of_deletions_is_a_server_error(server: Server) -> None:
    assert_server_error(await server.http.post("/queue", json={"delete": None}))


@pytest.mark.usefixtures("direct")
async def test_a_server_error_closes_the_connection(server: Server) -> None:
    answer = await server.http.post("/prompt", content="not json")
    assert answer.headers["Connection"] == "close"


async def test_statistics_name_the_version_the_flags_and_the_devices(server: Server) -> None:
    stats = await server.get("/system_stats")
    texts = [stats["system"][key] for key in ("os", "comfyui_version", "python_version")]
    assert all(isinstance(text, str) for text in [*texts, *stats["system"]["argv"]])
    for device in stats["devices"]:
        assert isinstance(device["name"], str)
        assert isinstance(device["type"], str)
        assert device["vram_total"] >= device["vram_free"] >= 0


async def test_features_tell_the_largest_upload(server: Server) -> None:
    features = await server.get("/features")
    assert features["supports_preview_metadata"] is True
    assert features["max_upload_size"] > 0


async def test_the_length_of_the_queue_is_a_number(server: Server) -> None:
    assert (await server.get("/prompt"))["exec_info"]["queue_remaining"] >= 0


async def test_models_are_names_by_folder(server: Server) -> None:
    folders = await server.get("/models")
    assert {"loras", "vae", "diffusion_models"} <= set(folders)
    names = [*await server.get("/models/vae"), *await server.get("/embeddings")]
    assert all(isinstance(name, str) for name in names)


async def test_an_unknown_model_folder_is_404_with_nothing_in_it(server: Server) -> None:
    answer = await server.http.get(f"/models/{FOLDER}-nowhere")
    assert (answer.status_code, answer.content) == (404, b"")


async def test_a_node_class_tells_its_inputs_and_outputs(server: Server) -> None:
    (info,) = (await server.get("/object_info/EmptyImage")).values()
    kind, limits = info["input"]["required"]["width"]
    assert (kind, limits["min"], limits["max"], limits["default"]) == ("INT", 1, 16384, 512)
    assert info["input_order"]["required"] == ["width", "height", "batch_size", "color"]
    assert (info["output"], info["output_is_list"]) == (["IMAGE"], [False])
    assert (info["name"], info["output_node"]) == ("EmptyImage", False)
    texts = ("display_name", "description", "python_module", "category")
    assert all(isinstance(info[key], str) for key in texts)


async def test_a_choice_lists_its_options(server: Server) -> None:
    (info,) = (await server.get("/object_info/ImageScale")).values()
    options = info["input"]["required"]["upscale_method"][0]
    assert "lanczos" in options


async def test_an_unknown_node_class_is_an_empty_success(server: Server) -> None:
    assert await server.get("/object_info/AnimatrixNoSuchNode") == {}


async def test_all_node_classes_come_at_once(server: Server) -> None:
    classes = await server.get("/object_info")
    assert set(NODES) <= set(classes)
    assert [name for name in NODES if classes[name]["output_node"]] == ["PreviewImage", "SaveImage"]

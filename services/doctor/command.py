"""Says in words what is wrong with the servers: `animatrix doctor`."""

import asyncio
import sys

from pydantic import TypeAdapter, ValidationError

from services.comfy.access import Access, access_for, bare_url
from services.doctor.asking import ask_all
from services.doctor.report import Report, Verdict, in_words
from services.settings import ComfyUrls, Settings
from temporal.activities.backends import access_of
from workflows_comfy.profiles import load_profiles

URLS: TypeAdapter[list[str]] = TypeAdapter(ComfyUrls)


def examine(url: str, *, as_json: bool) -> int:
    """Say what is found, and give the exit status. url: of ComfyUI, instead of the configured."""
    try:
        report = asyncio.run(_ask(URLS.validate_python(url)))
    except ValidationError as error:
        _say(f"--url: {error.errors()[0]['msg']}")
        return Verdict.NO_ANSWER
    except ValueError as error:
        _say(str(error))
        return Verdict.NO_ANSWER
    _say(report.model_dump_json(indent=2) if as_json else "\n".join(in_words(report)))
    return report.verdict


async def _ask(urls: list[str]) -> Report:
    """With addresses, only those are asked, and nothing needs to be configured."""
    settings = _read_settings(needed=not urls)
    known = access_of(settings) if settings is not None else {}
    profiles = load_profiles(settings.profiles if settings is not None else None)
    if urls:
        return await ask_all([bare_url(url) for url in urls], _access(urls, known), profiles, None)
    configured = [bare_url(url) for url in settings.comfy_urls] if settings is not None else []
    return await ask_all(configured, known, profiles, settings)


def _access(urls: list[str], known: dict[str, Access]) -> dict[str, Access]:
    return {bare_url(url): access_for(url, known.get(bare_url(url))) for url in urls}


def _read_settings(*, needed: bool) -> Settings | None:
    """Raises ValueError where they are needed and incomplete."""
    try:
        return Settings()
    except ValidationError as error:
        if not needed:
            return None
        names = ", ".join(f"ANIMATRIX_{fault['loc'][0]}".upper() for fault in error.errors())
        raise ValueError(f"The settings are incomplete or wrong: {names}.") from None


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")

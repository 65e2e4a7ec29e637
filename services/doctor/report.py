"""What the command finds, and how it says so."""

from collections.abc import Iterator
from enum import IntEnum

from proto.backend import Backend, BackendFacts, Severity
from proto.job import QualityProfile
from proto.model import Model

GB = 10**9


class Verdict(IntEnum):
    """The command's exit status."""

    WELL = 0
    LACKING = 1
    NO_ANSWER = 2


class BackendReport(Model):
    """problem: why it could not be asked. known: what the rows say of it, where they could be read.

    abilities, missing: as in Backend.
    """

    url: str
    problem: str | None = None
    facts: BackendFacts | None = None
    is_old: bool = False
    abilities: list[str] = []
    missing: dict[str, list[str]] = {}
    known: Backend | None = None


class ServiceReport(Model):
    """One of the servers that are no renderers. problem: None when it answers."""

    name: str
    problem: str | None = None


class Report(Model):
    services: list[ServiceReport]
    backends: list[BackendReport]

    @property
    def verdict(self) -> Verdict:
        if self.backends and not [one for one in self.backends if one.problem is None]:
            return Verdict.NO_ANSWER
        if not self.backends and all(service.problem for service in self.services):
            return Verdict.NO_ANSWER
        return Verdict.WELL if self._is_whole() else Verdict.LACKING

    def _is_whole(self) -> bool:
        return bool(self.backends) and not (
            any(service.problem for service in self.services)
            or any(backend.problem or backend.missing for backend in self.backends)
            or any(backend.is_old or _is_ill(backend.known) for backend in self.backends)
        )


def _is_ill(known: Backend | None) -> bool:
    return known is not None and any(one.severity is not Severity.INFO for one in known.findings)


def in_words(report: Report) -> Iterator[str]:
    """Line by line."""
    for service in report.services:
        yield f"{service.name}: {service.problem or 'answers'}"
    if not report.backends:
        yield "No ComfyUI is configured: set ANIMATRIX_COMFY_URLS, or give --url."
    for backend in report.backends:
        yield ""
        yield from _backend(backend)
    yield ""
    yield CONCLUSIONS[report.verdict]


CONCLUSIONS = {
    Verdict.WELL: "All is well.",
    Verdict.LACKING: "Something is missing: see above.",
    Verdict.NO_ANSWER: "Nothing answers.",
}


def _backend(backend: BackendReport) -> Iterator[str]:
    yield f"ComfyUI {backend.url}"
    if backend.problem is not None:
        yield f"  {backend.problem}"
    if backend.facts is not None:
        yield f"  {_identity(backend.facts)}"
        if backend.is_old:
            yield "  This version is older than any we were tried with: update ComfyUI."
        yield from _abilities(backend)
    if backend.known is not None:
        yield from _known(backend.known)


def _identity(facts: BackendFacts) -> str:
    kind = "the stand-in, which only draws" if facts.simulated else "a real one"
    return f"version {facts.version}, {facts.vram_bytes / GB:.0f} GB of video memory, {kind}"


def _abilities(backend: BackendReport) -> Iterator[str]:
    able = by_template(backend.abilities)
    if not able:
        yield "  It can render nothing yet."
    for template, qualities in able.items():
        yield f"  can render {template}: {', '.join(qualities)}"
    for lack, abilities in lacks_of(backend.missing).items():
        blocked = by_template(abilities)
        names = "; ".join(f"{name} ({', '.join(qs)})" for name, qs in blocked.items())
        yield f"  add {lack}"
        yield f"      without it, not: {names}"


def by_template(abilities: list[str]) -> dict[str, list[str]]:
    """The qualities of each template, lowest first, and of its versions where theirs differ."""
    order = [str(quality) for quality in QualityProfile]
    found: dict[str, list[str]] = {}
    for ability in sorted(abilities, key=lambda name: order.index(name.rpartition("@")[2])):
        template, _, quality = ability.rpartition("@")
        found.setdefault(template, []).append(quality)
    return {
        name: found[name]
        for name in sorted(found)
        if "@" not in name or found[name] != found.get(name.partition("@")[0])
    }


def lacks_of(missing: dict[str, list[str]]) -> dict[str, list[str]]:
    """What to add, and for which abilities."""
    found: dict[str, list[str]] = {}
    for ability, lacks in missing.items():
        for lack in lacks:
            found.setdefault(lack, []).append(ability)
    return found


def _known(known: Backend) -> Iterator[str]:
    reason = f": {known.reason}" if known.reason else ""
    yield f"  is {known.state}{reason}"
    for finding in known.findings:
        yield f"  {finding.severity}, since {finding.since:%Y-%m-%d %H:%M} UTC: {finding.message}"
        yield f"      {finding.to_do}"

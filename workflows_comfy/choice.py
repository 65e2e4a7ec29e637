"""Which version of a template a new job is rendered with."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from proto.template import TemplateStanding
from workflows_comfy.catalog import Template, version_order, versions_of


@dataclass(frozen=True)
class Choice:
    """What renders a template now, of the versions that this release has.

    previous: what a roll back activates. percent: of new jobs, for the canary. absent: versions
    that were decided on and are not in this release; others stand in for them.
    """

    active: Template
    previous: Template | None
    canary: Template | None
    percent: int
    absent: Sequence[str]

    def trial_for(self, job_id: str) -> Template | None:
        """The canary, where it is this job's turn. The same job always gets the same answer."""
        return self.canary if _lot(job_id) < self.percent else None


def choose(template_id: str, standing: TemplateStanding | None) -> Choice:
    """By what operators decided; the newest version where they did not, or can't be followed.

    Raises UnknownTemplate.
    """
    versions = {template.version: template for template in versions_of(template_id)}
    newest = [*versions.values()][-1]
    if standing is None:
        return Choice(newest, _older(newest), canary=None, percent=0, absent=[])
    active = versions.get(standing.active_version, newest)
    canary = versions.get(standing.canary_version or "")
    return Choice(
        active=active,
        previous=versions.get(standing.previous_version or "") or _older(active),
        canary=canary,
        percent=standing.canary_percent or 0 if canary else 0,
        absent=[name for name in _named(standing) if name not in versions],
    )


def _named(standing: TemplateStanding) -> list[str]:
    return [name for name in (standing.active_version, standing.canary_version) if name]


def _older(template: Template) -> Template | None:
    """The next older version."""
    order = version_order(template.version)
    older = [one for one in versions_of(template.template_id) if version_order(one.version) < order]
    return older[-1] if older else None


def _lot(job_id: str) -> int:
    """One of 0..99, each as likely as any other."""
    return int.from_bytes(sha256(job_id.encode()).digest()) % 100

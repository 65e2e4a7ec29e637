"""What is wrong, from the evidence alone. No finding means that all is well."""

from tests.chaos.audit.finding import Finding
from tests.chaos.audit.jobs import check_jobs
from tests.chaos.audit.prompts import check_prompts
from tests.chaos.audit.remains import check_remains
from tests.chaos.audit.segments import check_segments
from tests.chaos.audit.streams import check_streams
from tests.chaos.evidence import Evidence


def audit(evidence: Evidence) -> list[Finding]:
    checks = (check_jobs, check_prompts, check_segments, check_streams, check_remains)
    return [finding for check in checks for finding in check(evidence)]

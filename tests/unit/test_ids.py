from uuid import UUID

from proto.ids import new_id, prompt_id

JOB = "3f0e6b1c-8a51-4d7f-9d3a-0c1b2a3d4e5f"


def test_prompt_id_never_changes() -> None:
    """A retry after an upgrade must find what was sent before it."""
    assert prompt_id(JOB, 0, 0) == "28374e9d-a218-52e9-9952-b72bfd842507"


def test_every_attempt_has_its_own_prompt_id() -> None:
    made = {prompt_id(job, s, g) for job in (JOB, new_id()) for s in range(3) for g in range(3)}
    assert len(made) == 18


def test_ids_are_canonical() -> None:
    for made in (prompt_id(JOB, 2, 1), new_id()):
        assert str(UUID(made)) == made == made.lower()

from uuid import NAMESPACE_URL, uuid4, uuid5

PROMPTS = uuid5(NAMESPACE_URL, "animatrix/prompt")


def new_id() -> str:
    return str(uuid4())


def prompt_id(job_id: str, segment: int, generation: int) -> str:
    """The id one render attempt has on a backend.

    The same attempt always gets the same id, so that a retry can find what an earlier try sent.
    Canonical lower case: newer ComfyUI releases refuse any other form.
    """
    return str(uuid5(PROMPTS, f"{job_id}/{segment}/{generation}"))

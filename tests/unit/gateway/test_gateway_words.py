"""What schema errors and failures say to people."""

import pytest
from pydantic import TypeAdapter, ValidationError

from proto.errors import FAILURE_WORDS, ErrorCode, FieldError, Remedy
from proto.job import AnimateRequest, AnyJobRequest
from services.gateway.errors import STATUS, TITLES, ApiError
from services.gateway.words import MISSING_FILES, field_errors
from tests.integration.refusals import ENGINE_WORDS

REQUEST: TypeAdapter[AnyJobRequest] = TypeAdapter(AnyJobRequest)


def errors_of(body: dict[str, object]) -> dict[str, FieldError]:
    with pytest.raises(ValidationError) as refused:
        AnimateRequest.model_validate(body)
    found = [dict(error) for error in refused.value.errors()]
    return {error.field: error for error in field_errors(found)}


def test_every_missing_file_is_asked_for() -> None:
    found = errors_of({"prompt": "x"})
    for field in ("ground_truth_asset_id", "motion_video_asset_id"):
        assert found[field].code is ErrorCode.MISSING_ASSET
        assert found[field].message == MISSING_FILES[field]
        assert found[field].action is Remedy.ADD


def test_absent_prompt_is_an_empty_one() -> None:
    assert errors_of({})["prompt"].code is ErrorCode.EMPTY_PROMPT
    assert errors_of({"prompt": None})["prompt"].code is ErrorCode.EMPTY_PROMPT


def test_shape_we_do_not_make_names_those_we_make() -> None:
    error = errors_of({"aspect_ratio": "21:9"})["aspect_ratio"]
    assert error.code is ErrorCode.UNSUPPORTED_ASPECT_RATIO
    assert all(shape in error.message for shape in ("9:16", "16:9", "1:1"))


def test_unknown_field_is_named() -> None:
    assert "surprise" in errors_of({"surprise": 1})["surprise"].message


def test_field_within_a_field_is_named_by_its_path() -> None:
    found = errors_of({"crop": {"x": 2}, "subject_points": [{"x": 0.1, "y": 9}]})
    assert {"crop.x", "subject_points.0.y"} <= set(found)


def test_body_that_is_no_object_is_called_body() -> None:
    [error] = field_errors([{"type": "json_invalid", "loc": ("body", 1), "msg": "x"}])
    assert "JSON" in error.message
    [error] = field_errors([{"type": "dict_type", "loc": ("body",), "msg": "x"}])
    assert error.field == "body"


def test_first_error_leads_and_all_are_kept() -> None:
    errors = list(errors_of({"seed": -1}).values())
    error = ApiError.of_fields(errors)
    assert (error.field, error.message) == (errors[0].field, errors[0].message)
    assert error.errors == errors


@pytest.mark.parametrize("code", FAILURE_WORDS)
def test_failure_says_what_is_kept_and_what_to_do(code: ErrorCode) -> None:
    words = FAILURE_WORDS[code]
    assert "kept" in words
    assert len(words.split(". ")) >= 2
    assert not ENGINE_WORDS.search(words)


def test_whatever_refuses_a_file_in_the_middle_of_a_job_has_words() -> None:
    refusals = {"wrong_asset_kind", "too_large", "too_long", "too_short", "invalid_asset_format"}
    assert refusals <= set(FAILURE_WORDS)


def test_every_status_has_a_title() -> None:
    assert set(STATUS.values()) <= set(TITLES)

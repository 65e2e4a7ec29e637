import pytest
from pydantic import ValidationError

from proto.identity import UserChange
from proto.job import AgainRequest
from proto.model import Request


@pytest.mark.parametrize(
    ("model", "body", "field"),
    [
        (AgainRequest, {"seed": "1"}, "seed"),
        (AgainRequest, {"seed": True}, "seed"),
        (UserChange, {"reason": "because", "disabled": 0}, "disabled"),
        (UserChange, {"reason": "because", "disabled": "true"}, "disabled"),
    ],
)
def test_a_value_of_another_type_is_refused_at_its_field(
    model: type[Request], body: dict[str, object], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(body)
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]


def test_a_whole_number_may_be_written_with_a_point() -> None:
    assert AgainRequest.model_validate({"seed": 1.0}).seed == 1

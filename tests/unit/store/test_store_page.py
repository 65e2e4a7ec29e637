from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.store.page import BadCursor, Cursor

TIMES = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(at=TIMES, row_id=st.text(min_size=1, max_size=40))
def test_cursor_comes_back_as_it_went(at: datetime, row_id: str) -> None:
    cursor = Cursor(at=at, id=row_id)
    assert Cursor.decode(cursor.encode()) == cursor


def test_cursor_keeps_microseconds_and_fits_an_address() -> None:
    at = datetime(2026, 11, 22, 10, 0, 0, 123457, timezone(timedelta(hours=2)))
    text = Cursor(at=at, id="3f0e6b1c").encode()
    assert Cursor.decode(text).at == at
    assert not set(text) & set("+/&?# ")


@pytest.mark.parametrize("text", ["", "x", "e30=", "bnVsbA==", "ÿ", "{}", "AAAA", "=" * 9])
def test_what_no_page_gave_out_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.decode(text)

import pytest

from temporal.activities.backends import backend_id, open_backends


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://gpu-1.example", "gpu-1.example"),
        ("https://gpu-1.example", "gpu-1.example"),
        ("http://GPU-1.example:9000", "gpu-1.example:9000"),
        ("http://gpu.example/comfy/a", "gpu.example-comfy-a"),
        ("http://gpu.example/comfy/", "gpu.example-comfy"),
        ("http://127.0.0.1:18188", "127.0.0.1:18188"),
    ],
)
def test_backend_is_named_by_its_address(url: str, name: str) -> None:
    assert backend_id(url) == name


def test_secret_in_an_address_is_not_in_its_name() -> None:
    assert backend_id("http://user:secret@gpu.example") == "gpu.example"


async def test_backends_are_found_by_name_in_any_order() -> None:
    urls = ["http://a.example", "http://b.example"]
    async with open_backends(urls) as one, open_backends(urls[::-1]) as other:
        assert one["a.example"].url == other["a.example"].url == "http://a.example"
        with pytest.raises(LookupError, match=r"c\.example"):
            one["c.example"]

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.workflows_comfy.render_factory import (
    PROMPTS,
    animate,
    audio,
    mix,
    template,
    values,
)
from workflows_comfy.bind import BindingFailure, bind
from workflows_comfy.nodes import Graph


def bound(request: Any, **changes: Any) -> Graph:
    return bind(template(request), values(request) | changes)


def test_every_bound_value_reaches_all_its_inputs() -> None:
    request = mix(subject_points=[{"x": 0.1, "y": 0.1, "label": 0}])
    given_values, one = values(request) | {"acceleration_lora": "a.safetensors"}, template(request)
    graph = bind(one, given_values)
    for name, parameter in one.bindings.parameters.items():
        for target in parameter.targets:
            assert graph[target.node]["inputs"][target.input] == given_values[name]


def test_binding_leaves_the_template_as_it_was() -> None:
    one = template(animate())
    before = deepcopy(one.graph)
    bind(one, values(animate()))["sampler"]["inputs"]["seed"] = -1
    assert one.graph == before


@pytest.mark.parametrize(
    "change",
    [
        {"width": 577},
        {"width": 48},
        {"width": "576"},
        {"width": 576.0},
        {"width": None},
        {"length": 76},
        {"frames": 78},
        {"frames": True},
        {"seed": 2**53},
        {"seed": -1},
        {"cfg": float("nan")},
        {"cfg": "1"},
        {"fps": 31},
        {"sampler_name": "guess"},
        {"positive_prompt": 5},
        {"diffusion_model": "weights.exe"},
        {"character_image": "../secret.png"},
        {"character_image": ""},
        {"filename_prefix": "a/../b"},
        {"filename_prefix": "%date%"},
        {"colour": "red"},
    ],
    ids=str,
)
def test_a_value_that_does_not_fit_is_refused_by_name(change: dict[str, Any]) -> None:
    with pytest.raises(BindingFailure) as failure:
        bound(animate(), **change)
    assert failure.value.parameter == next(iter(change))


@pytest.mark.parametrize("name", values(mix()))
def test_a_missing_parameter_is_refused_by_name(name: str) -> None:
    given_values = values(mix())
    del given_values[name]
    with pytest.raises(BindingFailure) as failure:
        bind(template(mix()), given_values)
    assert failure.value.parameter == name


def test_without_acceleration_the_model_is_read_directly() -> None:
    graph = bound(animate(quality_profile="standard"))
    assert "acceleration" not in graph
    assert graph["shift"]["inputs"]["model"] == ["diffusion_model", 0]


def test_both_optional_nodes_can_be_left_out() -> None:
    graph = bound(mix(quality_profile="standard", relighting=False))
    assert graph.keys().isdisjoint({"acceleration", "relight"})
    assert graph["shift"]["inputs"]["model"] == ["diffusion_model", 0]


def test_a_node_that_saves_is_left_out_without_a_trace() -> None:
    prompt = PROMPTS["move-standard-next"]
    kept = bind(prompt.template, prompt.values)
    left = bind(prompt.template, prompt.values | {"latent_prefix": None})
    assert kept.pop("save_latent")["inputs"]["samples"] == ["trim", 0]
    assert left == kept


def test_the_first_of_several_segments_has_to_keep_its_latents() -> None:
    prompt = PROMPTS["mix-standard-first"]
    with pytest.raises(BindingFailure, match="latent_prefix"):
        bind(prompt.template, prompt.values | {"latent_prefix": None})


def test_relighting_follows_acceleration() -> None:
    graph = bound(mix(quality_profile="draft"))
    assert graph["shift"]["inputs"]["model"] == ["relight", 0]
    assert graph["relight"]["inputs"]["model"] == ["acceleration", 0]


def test_no_negative_points_leave_the_input_out() -> None:
    assert "coordinates_negative" not in bound(mix())["subject"]["inputs"]


def test_the_sound_template_takes_no_other_rate() -> None:
    with pytest.raises(BindingFailure, match="fps"):
        bound(audio(), fps=24)


@given(
    name=st.sampled_from(sorted(values(mix()))),
    value=st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
)
def test_any_value_is_bound_or_refused_by_name(name: str, value: Any) -> None:
    refused: str | None = None
    try:
        bound(mix(), **{name: value})
    except BindingFailure as failure:
        refused = failure.parameter
    assert refused in (None, name)

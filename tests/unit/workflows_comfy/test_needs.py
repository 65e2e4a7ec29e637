"""What a backend must have for each template and quality."""

from dataclasses import replace

import pytest

from workflows_comfy.catalog import templates
from workflows_comfy.needs import Stock, lacks
from workflows_comfy.nodes import load_contract
from workflows_comfy.profiles import load_profiles

QUALITIES = ("draft", "standard", "high")
ALL = {
    f"{template}@{quality}"
    for template in ("animate/move", "animate/mix", "audio/s2v")
    for quality in QUALITIES
}


@pytest.fixture
def whole() -> Stock:
    """A backend with everything that any template names."""
    models: dict[str, frozenset[str]] = {}
    for template in templates():
        for model in template.manifest.required_models:
            models[model.folder] = models.get(model.folder, frozenset()) | {model.file}
    return Stock(frozenset(load_contract()), models, vram_bytes=80 * 10**9)


def able(stock: Stock) -> set[str]:
    """Of the newest versions."""
    return {name for name in able_versions(stock) if name.count("@") == 1}


def able_versions(stock: Stock) -> set[str]:
    return {name for name, words in lacks(load_profiles(), stock).items() if not words}


def without(stock: Stock, *files: str) -> Stock:
    return replace(
        stock, models={folder: names - set(files) for folder, names in stock.models.items()}
    )


def test_backend_with_everything_can_render_everything(whole: Stock) -> None:
    assert able(whole) == ALL


def test_small_card_leaves_high_to_others(whole: Stock) -> None:
    assert able(replace(whole, vram_bytes=16 * 10**9)) == {
        name for name in ALL if not name.endswith("@high")
    }


def test_card_sold_as_24_gb_is_enough_for_24(whole: Stock) -> None:
    assert able(replace(whole, vram_bytes=24_564 * 1024 * 1024)) == ALL


def test_model_that_only_drafts_use_is_not_missed_by_others(whole: Stock) -> None:
    stock = without(whole, "lightx2v_I2V_14B_480p_cfg_step_distill_rank64_bf16.safetensors")
    assert ALL - able(stock) == {"animate/move@draft", "animate/mix@draft"}


def test_either_of_two_models_will_do(whole: Stock) -> None:
    assert able(without(whole, "wan2.2_s2v_14B_bf16.safetensors")) == ALL
    assert ALL - able(without(whole, "wan2.2_s2v_14B_fp8_scaled.safetensors")) == {
        "audio/s2v@draft",
        "audio/s2v@standard",
    }


def test_what_a_job_may_leave_out_is_not_needed(whole: Stock) -> None:
    assert able(without(whole, "WanAnimate_relight_lora_fp16.safetensors")) == ALL


def test_lack_names_the_file_and_its_folder(whole: Stock) -> None:
    missing = lacks(load_profiles(), without(whole, "wan_2.1_vae.safetensors"))
    assert "wan_2.1_vae.safetensors in models/vae" in missing["audio/s2v@draft"]


def test_lack_names_the_node_and_its_package(whole: Stock) -> None:
    stock = replace(whole, nodes=whole.nodes - {"DWPreprocessor"})
    assert lacks(load_profiles(), stock)["animate/move@draft"] == [
        "the node DWPreprocessor (comfyui_controlnet_aux)"
    ]
    assert able(stock) == {name for name in ALL if name.startswith("audio/")}


def test_node_that_only_further_segments_use_is_needed_by_every_job(whole: Stock) -> None:
    stock = replace(whole, nodes=whole.nodes - {"WanSoundImageToVideoExtend"})
    assert {name for name in ALL if name.startswith("animate/")} == able(stock)


def test_node_that_only_makes_masks_is_not_missed_in_move(whole: Stock) -> None:
    stock = replace(whole, nodes=whole.nodes - {"MaskToImage"})
    assert ALL - able(stock) == {name for name in ALL if name.startswith("animate/mix")}


def test_what_several_graphs_lack_is_told_once(whole: Stock) -> None:
    missing = lacks(load_profiles(), without(whole, "wan_2.1_vae.safetensors"))
    assert missing["animate/mix@high"] == ["wan_2.1_vae.safetensors in models/vae"]


def test_each_version_is_told_by_itself(whole: Stock) -> None:
    stock = replace(whole, nodes=whole.nodes - {"SaveLatent"})
    moves = {name for name in able_versions(stock) if name.startswith("animate/move")}
    assert moves == {f"animate/move@1.0.0@{quality}" for quality in QUALITIES}


def test_backend_with_everything_can_render_every_version(whole: Stock) -> None:
    assert able_versions(whole) >= {f"audio/s2v@{version}@high" for version in ("1.0.0", "1.1.0")}
    assert not [words for words in lacks(load_profiles(), whole).values() if words]

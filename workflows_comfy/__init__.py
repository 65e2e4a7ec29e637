"""Frozen ComfyUI graphs and the pure code that fills them."""

#!/usr/bin/env python3
"""Makes tiny quantised checkpoints, each with its twin of plain numbers in float32.

    pip install torch==2.13.0 safetensors==0.8.0 numpy==2.4.6
    make_quantized_golden.py

Writes to ../resources/quantized/NAME: config.json, model.safetensors and twin.safetensors. Integers, zeros and scales are drawn; the twin is
scale * (q - zero), and the files are packed as AutoGPTQ and AutoAWQ pack them. FP8 numbers are made and read by PyTorch.
"""
import json
import pathlib
import shutil

import numpy as np
import torch
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parents[1] / "resources" / "quantized"
HIDDEN, INNER, HEADS, KV_HEADS, HEAD, VOCABULARY, LAYERS = 16, 32, 2, 1, 8, 32, 2
CONFIG = dict(
    architectures=["LlamaForCausalLM"], model_type="llama", vocab_size=VOCABULARY, hidden_size=HIDDEN, intermediate_size=INNER,
    num_hidden_layers=LAYERS, num_attention_heads=HEADS, num_key_value_heads=KV_HEADS, head_dim=HEAD, max_position_embeddings=64, rms_norm_eps=1e-5,
    rope_theta=10000.0, hidden_act="silu", tie_word_embeddings=False, bos_token_id=1, eos_token_id=2)
LINEAR = {
    "self_attn.q_proj": (HEADS * HEAD, HIDDEN), "self_attn.k_proj": (KV_HEADS * HEAD, HIDDEN), "self_attn.v_proj": (KV_HEADS * HEAD, HIDDEN),
    "self_attn.o_proj": (HIDDEN, HEADS * HEAD), "mlp.gate_proj": (INNER, HIDDEN), "mlp.up_proj": (INNER, HIDDEN), "mlp.down_proj": (HIDDEN, INNER)}


def half(rng, *shape):
    return torch.from_numpy(rng.uniform(0.001, 0.05, shape).astype(np.float16))


def pack(numbers, bits, order, axis):
    """int32 words of consecutive numbers along the axis; order[i] is the number at place i of a word."""
    numbers = np.moveaxis(numbers, axis, -1)
    groups = numbers.reshape(*numbers.shape[:-1], -1, 32 // bits)[..., order].astype(np.uint64)
    words = (groups << (np.arange(32 // bits, dtype=np.uint64) * np.uint64(bits))).sum(-1).astype(np.uint32)
    return torch.from_numpy(np.ascontiguousarray(np.moveaxis(words, -1, axis)).view(np.int32))


def integers(rng, outputs, inputs, bits, group, sym, index):
    """q [inputs, outputs], zeros and scales [groups, outputs], and the weight [outputs, inputs]."""
    size = inputs if group == -1 else group
    groups = -(-inputs // size)
    group_of = np.arange(inputs) // size if index is None else index(inputs, groups)
    q = rng.integers(0, 2**bits, (inputs, outputs))
    zeros = np.full((groups, outputs), 2 ** (bits - 1)) if sym else rng.integers(0, 2**bits, (groups, outputs))
    scales = half(rng, groups, outputs)
    weight = scales.float()[group_of] * torch.from_numpy(q - zeros[group_of]).float()
    return q, zeros, scales, group_of, weight.T


def gptq(bits, group, sym, offset, act_order):
    def make(rng, name, shape):
        index = (lambda inputs, groups: rng.permutation(np.arange(inputs) * groups // inputs)) if act_order else None
        q, zeros, scales, group_of, weight = integers(rng, *shape, bits, group, sym, index)
        order = list(range(32 // bits))
        return {
            name + ".qweight": pack(q, bits, order, 0), name + ".qzeros": pack((zeros - offset) % 2**bits, bits, order, 1),
            name + ".scales": scales, name + ".g_idx": torch.from_numpy(group_of.astype(np.int32)),
            name + ".bias": torch.zeros(shape[0], dtype=torch.float16)}, weight  # AutoGPTQ gives every layer a bias
    return make


def awq(group):
    def make(rng, name, shape):
        q, zeros, scales, _, weight = integers(rng, *shape, 4, group, False, None)
        order = [0, 2, 4, 6, 1, 3, 5, 7]
        return {name + ".qweight": pack(q, 4, order, 1), name + ".qzeros": pack(zeros, 4, order, 1), name + ".scales": scales}, weight
    return make


def rows(bits, group, sym, act_order=False):
    """pack_to_int32 of compressed-tensors: inputs packed in q, outputs in zeros; q and zeros have no sign."""
    def make(rng, name, shape):
        index = (lambda inputs, groups: rng.permutation(np.arange(inputs) * groups // inputs)) if act_order else None
        q, zeros, scales, group_of, weight = integers(rng, *shape, bits, group, sym, index)
        order = list(range(32 // bits))
        tensors = {
            name + ".weight_packed": pack(q.T, bits, order, 1), name + ".weight_scale": scales.T.contiguous(),
            name + ".weight_shape": torch.tensor(shape)}
        if not sym:
            tensors[name + ".weight_zero_point"] = pack(zeros.T, bits, order, 0)
        if act_order:
            tensors[name + ".weight_g_idx"] = torch.from_numpy(group_of.astype(np.int32))
        return tensors, weight
    return make


def fp8(scale_name, scale_shape, dtype, number=torch.float8_e4m3fn, activations=False):
    def make(rng, name, shape):
        numbers = torch.from_numpy(rng.integers(0, 256, shape).astype(np.uint8)).view(number)
        numbers = torch.where(numbers.float().isfinite(), numbers.float(), 1.0).to(number)
        scale = torch.from_numpy(rng.uniform(0.001, 0.05, scale_shape(*shape)).astype(np.float32)).to(dtype)
        blocks = scale.float()
        if blocks.ndim == 2 and blocks.shape[1] > 1 or blocks.ndim == 2 and blocks.shape[0] not in (1, shape[0]):
            blocks = blocks.repeat_interleave(12, 0)[:shape[0]].repeat_interleave(10, 1)[:, :shape[1]]
        tensors = {name + ".weight": numbers, name + scale_name: scale}
        if activations:
            tensors[name + ".input_scale"] = torch.ones(())
        return tensors, numbers.float() * blocks
    return make


def packed_scheme(**weights):
    return dict(
        quant_method="compressed-tensors", format="pack-quantized", quantization_status="compressed", ignore=["lm_head"], kv_cache_scheme=None,
        config_groups=dict(group_0=dict(
            targets=["Linear"], weights=dict(type="int", dynamic=False, **weights), input_activations=None, output_activations=None)))


def scheme(**weights):
    return dict(
        quant_method="compressed-tensors", format="float-quantized", quantization_status="compressed", ignore=["lm_head"], kv_cache_scheme=None,
        config_groups=dict(group_0=dict(
            targets=["Linear"], weights=dict(num_bits=8, type="float", symmetric=True, dynamic=False, **weights),
            input_activations=dict(num_bits=8, type="float", strategy="token", dynamic=True), output_activations=None)))


CASES = {
    "gptq-sym": (gptq(4, 8, True, 1, True), dict(quant_method="gptq", bits=4, group_size=8, desc_act=True, sym=True, checkpoint_format="gptq")),
    "gptq-asym": (gptq(4, -1, False, 1, False), dict(quant_method="gptq", bits=4, group_size=-1, desc_act=False, sym=False)),
    "gptq-v2-8bit": (
        gptq(8, 16, False, 0, False), dict(quant_method="gptq", bits=8, group_size=16, desc_act=False, sym=False, checkpoint_format="gptq_v2")),
    "awq": (awq(8), dict(quant_method="awq", bits=4, group_size=8, zero_point=True, version="gemm", modules_to_not_convert=None)),
    "fp8-block": (
        fp8(".weight_scale_inv", lambda rows, columns: (-(-rows // 12), -(-columns // 10)), torch.float32),
        dict(quant_method="fp8", fmt="e4m3", activation_scheme="dynamic", weight_block_size=[12, 10])),
    "fp8-tensor": (
        fp8(".weight_scale", lambda rows, columns: (), torch.float32, activations=True),
        dict(quant_method="fp8", activation_scheme="static", ignored_layers=["lm_head"])),
    "fbgemm-e5m2": (
        fp8(".weight_scale", lambda rows, columns: (rows, 1), torch.float32, torch.float8_e5m2), dict(quant_method="fbgemm_fp8")),
    "compressed-channel": (fp8(".weight_scale", lambda rows, columns: (rows, 1), torch.bfloat16), scheme(strategy="channel")),
    "compressed-tensor": (fp8(".weight_scale", lambda rows, columns: (1,), torch.bfloat16), scheme(strategy="tensor")),
    "packed-group": (rows(4, 8, True), packed_scheme(num_bits=4, symmetric=True, strategy="group", group_size=8)),
    "packed-asym": (
        rows(4, 8, False, True), packed_scheme(num_bits=4, symmetric=False, strategy="group", group_size=8, actorder="group")),
    "packed-8bit": (rows(8, -1, True), packed_scheme(num_bits=8, symmetric=True, strategy="channel", group_size=None)),
    "compressed-block": (
        fp8(".weight_scale", lambda rows, columns: (-(-rows // 12), -(-columns // 10)), torch.bfloat16),
        scheme(strategy="block", block_structure=[12, 10])),
}


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    for seed, (case, (make, quantization)) in enumerate(CASES.items()):
        rng = np.random.default_rng(seed)
        plain = {
            "model.embed_tokens.weight": half(rng, VOCABULARY, HIDDEN), "lm_head.weight": half(rng, VOCABULARY, HIDDEN),
            "model.norm.weight": half(rng, HIDDEN)}
        for layer in range(LAYERS):
            for norm in ("input_layernorm", "post_attention_layernorm"):
                plain[f"model.layers.{layer}.{norm}.weight"] = half(rng, HIDDEN)
        stored, twin = dict(plain), {name: values.float() for name, values in plain.items()}
        for layer in range(LAYERS):
            for name, shape in LINEAR.items():
                tensors, weight = make(rng, f"model.layers.{layer}.{name}", shape)
                stored |= tensors
                twin[f"model.layers.{layer}.{name}.weight"] = weight
        folder = OUT / case
        folder.mkdir(parents=True)
        folder.joinpath("config.json").write_text(json.dumps(CONFIG | dict(quantization_config=quantization), indent=1) + "\n")
        save_file({name: values.contiguous() for name, values in stored.items()}, folder / "model.safetensors")
        save_file({name: values.contiguous() for name, values in twin.items()}, folder / "twin.safetensors")
        for file in folder.iterdir():
            file.chmod(0o644)


if __name__ == "__main__":
    main()

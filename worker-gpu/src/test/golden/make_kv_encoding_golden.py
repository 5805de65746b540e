#!/usr/bin/env python3
"""Encodes KV with numpy and ml_dtypes, for KvEncodingGoldenTest.

usage: make_kv_encoding_golden.py FILE     needs the packages safetensors, numpy and ml_dtypes

Writes a safetensors file: `kv`, fp32 [layer][key, value][token][head][head size]; for each encoding the bytes of its layers
(codes, then scales) and the decoded numbers. The rule is that of native/kernels/kv_encoding.h.
"""
import sys

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

LAYERS, TOKENS, HEADS, HEAD_SIZE = 2, 24, 3, 8
BOUNDS = {"fp8": 448, "int8": 127}
SMALLEST_NORMAL = np.finfo(np.float32).tiny


def numbers():
    random = np.random.default_rng(1)
    kv = random.normal(size=(LAYERS, 2, TOKENS, HEADS, HEAD_SIZE)).astype(np.float32)
    kv *= np.float32(2.0) ** random.integers(-30, 30, (LAYERS, 2, TOKENS, HEADS, 1)).astype(np.float32)
    heads = kv.reshape(-1, HEAD_SIZE)
    heads[0] = 0
    heads[1] = -0.0
    heads[2] = np.float32(1e-45)
    heads[3, 1] = np.inf
    heads[4, 2] = -np.inf
    heads[5, 3] = np.nan
    heads[6] = 3.38e38
    for i, bound in enumerate(BOUNDS.values()):
        heads[7 + 2 * i] = np.nextafter(np.float32(bound) * SMALLEST_NORMAL, np.float32(0)) * np.float32(.9999)
        heads[8 + 2 * i] = np.float32(bound) * SMALLEST_NORMAL
    # The scale is 1: quotients are these numbers, halfway between two codes.
    heads[20] = [448, 17, 19, 1.0625, 1.1875, -2.0**-10, 3 * 2.0**-10, -(2.0**-6 - 2.0**-10)]
    heads[21] = [127, .5, 1.5, 2.5, -.5, -1.5, 126.5, -125.5]
    return kv


def encode(kv, name):
    bound = np.float32(BOUNDS[name])
    with np.errstate(all="ignore"):
        largest = np.abs(kv).max(axis=-1)
        finite = np.isfinite(kv).all(axis=-1)
        scale = (largest / bound).astype(np.float32)
        scale[scale < SMALLEST_NORMAL] = 0
        scale[~finite] = np.nan
        codes_there = finite & (scale > 0)
        quotient = np.where(codes_there[..., None], kv / scale[..., None], np.float32(0))
        quotient = np.clip(quotient, -bound, bound)
        if name == "fp8":
            codes = quotient.astype(ml_dtypes.float8_e4m3fn)
        else:
            codes = np.rint(quotient).astype(np.int8)
        decoded = codes.astype(np.float32) * scale[..., None]
    layers = [codes[layer].tobytes() + scale[layer].tobytes() for layer in range(LAYERS)]
    return np.frombuffer(b"".join(layers), np.uint8), decoded


def main():
    kv = numbers()
    tensors = {"kv": kv}
    for name in BOUNDS:
        tensors[name], tensors[name + "_decoded"] = encode(kv, name)
    save_file(tensors, sys.argv[1])


if __name__ == "__main__":
    main()

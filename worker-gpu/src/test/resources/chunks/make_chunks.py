#!/usr/bin/env python3
"""Writes chunk values with Python's safetensors, and reads those that the worker wrote.

usage: make_chunks.py FOLDER     needs the packages safetensors, numpy and ml_dtypes

Writes FOLDER/python.safetensors, which ChunkGoldenTest reads, and FOLDER/read.json: what safetensors reads from
FOLDER/worker-*.safetensors. ChunkGoldenTest compares these files with what the encoder writes today.
Byte i of a file's data is (i * 37 + i // 251) % 256.
"""
import hashlib
import json
import struct
import sys
from pathlib import Path

import ml_dtypes
import numpy as np
import safetensors
from safetensors.numpy import save

LAYERS, TOKENS, HEADS, HEAD_SIZE = 3, 5, 2, 4
SHAPE = [TOKENS, HEADS, HEAD_SIZE]
TENSOR_BYTES = 2 * TOKENS * HEADS * HEAD_SIZE


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def write(path):
    data = bytes((i * 37 + i // 251) % 256 for i in range(2 * LAYERS * TENSOR_BYTES))
    tensors = {}
    for i in range(2 * LAYERS):
        name = f"layers.{i // 2}.{'kv'[i % 2]}"
        tensor = np.frombuffer(data, ml_dtypes.bfloat16, TENSOR_BYTES // 2, i * TENSOR_BYTES)
        tensors[name] = tensor.reshape(SHAPE)
    layers = [data[2 * layer * TENSOR_BYTES:2 * (layer + 1) * TENSOR_BYTES] for layer in range(LAYERS)]
    metadata = {
        "format": "cacheblend-chunk",
        "format_version": "1",
        "model_fingerprint": "f" * 64,
        "chunk_key": "0123456789abcdef" * 4,
        "token_count": str(TOKENS),
        "dtype": "BF16",
        "encoding": "native",
        "keys": "before_rotation",
        "layer_crc32c": ",".join(f"{crc32c(layer):08x}" for layer in layers),
        "header_crc32c": "00000000",
    }
    value = save(tensors, metadata)
    size = 8 + struct.unpack("<Q", value[:8])[0]
    header = value[:size].replace(b'"header_crc32c":"00000000"', f'"header_crc32c":"{crc32c(value[:size]):08x}"'.encode())
    path.write_bytes(header + value[size:])


def read(path):
    value = path.read_bytes()
    size = struct.unpack("<Q", value[:8])[0]
    return {
        "file_sha256": hashlib.sha256(value).hexdigest(),
        "metadata": json.loads(value[8:8 + size])["__metadata__"],
        "tensors": {name: {"dtype": tensor["dtype"], "shape": tensor["shape"],
                           "sha256": hashlib.sha256(tensor["data"]).hexdigest()}
                    for name, tensor in sorted(safetensors.deserialize(value))},
    }


folder = Path(sys.argv[1])
write(folder / "python.safetensors")
files = {path.name: read(path) for path in sorted(folder.glob("worker-*.safetensors"))}
(folder / "read.json").write_text(json.dumps({"safetensors": safetensors.__version__, "files": files}, indent=1) + "\n")

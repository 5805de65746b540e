#!/usr/bin/env python3
"""Holds torch_twin.py, in fp32 on the CPU, to the answers of the float64 reference in integration-tests' golden checkpoints.

usage: torch_twin_test.py       needs PyTorch and NumPy; no GPU
"""
import json
import math
import os
import struct
import unittest

import numpy as np
import torch

import torch_twin

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../integration-tests/src/test/resources/golden/mistral-tiny")
BOS = 1


def load_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        body = file.read()
    at = lambda t: np.frombuffer(body[t["data_offsets"][0]:t["data_offsets"][1]], "<f4").reshape(t["shape"])
    return {name: torch.from_numpy(at(t).copy()) for name, t in header.items() if name != "__metadata__"}


def fits(request):
    """BOS, chunks one behind the other, fresh suffix; values compared at the check layer; only rows that do deviate."""
    segments = request["segments"]
    cached = [bool(s.get("cache")) for s in segments]
    plain_blend = request["method"] == "full_prefill" or (
        request["method"] == "cacheblend" and "schedule" not in request and request.get("deviation", "v") == "v"
        and request.get("check_layer", 1) == torch_twin.CHECK_LAYER)
    return plain_blend and cached == [False] + [True] * (len(cached) - 2) + [False] and len(segments) > 3 and segments[0]["token_ids"] == [BOS]


class GoldenTest(unittest.TestCase):
    def setUp(self):
        weights = load_safetensors(os.path.join(GOLDEN, "model.safetensors"))
        self.twin = torch_twin.Twin(torch_twin.Shape.read(GOLDEN), weights, 512, torch.device("cpu"), torch.float32)
        with open(os.path.join(GOLDEN, "blend.json")) as file:
            self.cases = [c for c in json.load(file) if fits(c["request"])]

    def first_logits(self, request):
        segments = [torch.tensor(s["token_ids"]) for s in request["segments"]]
        ids = torch.cat(segments)
        if request["method"] == "full_prefill":
            return *self.twin.prefill(ids), torch.arange(len(ids))
        prompt = torch_twin.Prompt(ids, [self.twin.collect(s, BOS) for s in segments[1:-1]], 1, len(ids) - len(segments[-1]))
        self.twin.kv.fill_(math.nan)  # whatever is read must have been written
        keep = math.ceil(request.get("recompute_ratio", 0.15) * (prompt.end - prompt.begin) - 1e-9)
        return self.twin.blend(ids, prompt, keep, self.twin.masked_attention)

    def test_rows_and_tokens_are_the_references(self):
        methods = set()
        for case in self.cases:
            request, result = case["request"], case["result"]
            methods.add(request["method"])
            with self.subTest(method=request["method"], ratio=request.get("recompute_ratio")), torch.inference_mode():
                token, logits, active = self.first_logits(request)
                self.assertEqual(active.tolist(), result["recomputed_positions"])
                for token_id, logit in result["first_logits_top5"]:
                    self.assertAlmostEqual(logits[token_id].item(), logit, delta=1e-3)
                length = sum(len(s["token_ids"]) for s in request["segments"])
                tokens = [token.item()]
                for step in range(request.get("max_tokens", 1) - 1):
                    tokens.append(self.twin.decode(torch.tensor([tokens[-1]]), length + step)[0].item())
                self.assertEqual(tokens, result["token_ids"])
        self.assertEqual(methods, {"full_prefill", "cacheblend"})


if __name__ == "__main__":
    unittest.main()

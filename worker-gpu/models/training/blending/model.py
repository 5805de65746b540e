"""A Mistral checkpoint in float32 as separate steps, so that KV can be replaced between them."""
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file


class Model:
    """Shapes: x and h [batch, rows, hidden]; q, k, v [batch, rows, heads, head size]; positions [batch, rows]."""

    def __init__(self, folder, device):
        config = json.loads((Path(folder) / "config.json").read_text())
        weights = load_file(str(Path(folder) / "model.safetensors"))
        self._weights = {name: value.to(device=device, dtype=torch.float32) for name, value in weights.items()}
        self.device = device
        self.layer_count, self.head_size = config["num_hidden_layers"], config["head_dim"]
        self.query_heads, self.kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
        self.bos, self.eos = config["bos_token_id"], config["eos_token_id"]
        self._eps = config["rms_norm_eps"]
        theta = (config.get("rope_parameters") or config)["rope_theta"]
        self._frequency = theta ** (-torch.arange(0, self.head_size, 2, device=device).double() / self.head_size)
        self._embedding = self._weights["model.embed_tokens.weight"]
        self._head = self._weights.get("lm_head.weight", self._embedding)

    def embed(self, ids):
        return self._embedding[ids]

    def qkv(self, layer, h):
        """q, k and v before rotation."""
        x = self._norm(h, f"model.layers.{layer}.input_layernorm")
        shape = x.shape[:2]
        heads = (("q", self.query_heads), ("k", self.kv_heads), ("v", self.kv_heads))
        return tuple(self._linear(x, f"model.layers.{layer}.self_attn.{name}_proj").view(*shape, count, self.head_size) for name, count in heads)

    def rotate(self, x, positions):
        angle = positions[..., None].double() * self._frequency
        cos, sin = angle.cos().float()[:, :, None], angle.sin().float()[:, :, None]
        first, second = x.chunk(2, -1)
        return torch.cat((first * cos - second * sin, second * cos + first * sin), -1)

    def attend(self, q, k, v, mask=None):
        """Causal if there is no mask."""
        group = self.query_heads // self.kv_heads  # repeated, because float32 kernels do not support grouped heads
        k, v = (x.transpose(1, 2).repeat_interleave(group, 1) for x in (k, v))
        y = F.scaled_dot_product_attention(q.transpose(1, 2), k, v, attn_mask=mask, is_causal=mask is None)
        return y.transpose(1, 2).flatten(2)

    def finish(self, layer, h, attention):
        name = f"model.layers.{layer}."
        h = h + self._linear(attention, name + "self_attn.o_proj")
        x = self._norm(h, name + "post_attention_layernorm")
        return h + self._linear(F.silu(self._linear(x, name + "mlp.gate_proj")) * self._linear(x, name + "mlp.up_proj"), name + "mlp.down_proj")

    def logits(self, h):
        return self._norm(h, "model.norm") @ self._head.T

    def _norm(self, x, name):
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + self._eps) * self._weights[name + ".weight"]

    def _linear(self, x, name):
        return x @ self._weights[name + ".weight"].T

"""The network. Parameter names are those of transformers' MistralForCausalLM without `model.`."""
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

NORM_EPS = 1e-5
INIT_STD = .02


@dataclass(frozen=True)
class Shape:
    layers: int
    dim: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    vocab: int
    theta: float


class Norm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return F.rms_norm(x.float(), x.shape[-1:], self.weight, NORM_EPS).to(x.dtype)


def _linear(inputs, outputs):
    return nn.Linear(inputs, outputs, bias=False)


class Attention(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.q_proj = _linear(shape.dim, shape.heads * shape.head_dim)
        self.k_proj = _linear(shape.dim, shape.kv_heads * shape.head_dim)
        self.v_proj = _linear(shape.dim, shape.kv_heads * shape.head_dim)
        self.o_proj = _linear(shape.heads * shape.head_dim, shape.dim)

    def forward(self, x, cos, sin):
        rows, length, _ = x.shape
        heads, kv_heads = self.shape.heads, self.shape.kv_heads
        weight = torch.cat((self.q_proj.weight, self.k_proj.weight, self.v_proj.weight))
        qkv = F.linear(x, weight).view(rows, length, heads + 2 * kv_heads, self.shape.head_dim).transpose(1, 2)
        q, k, v = qkv.split((heads, kv_heads, kv_heads), 1)
        y = F.scaled_dot_product_attention(_rotate(q, cos, sin), _rotate(k, cos, sin), v, is_causal=True, enable_gqa=True)
        return self.o_proj(y.transpose(1, 2).reshape(rows, length, -1))


def _rotate(x, cos, sin):  # element i pairs with i + head_dim / 2
    first, second = x.float().chunk(2, -1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), -1).to(x.dtype)


class Mlp(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.gate_proj, self.up_proj = _linear(shape.dim, shape.ffn), _linear(shape.dim, shape.ffn)
        self.down_proj = _linear(shape.ffn, shape.dim)

    def forward(self, x):
        gate, up = F.linear(x, torch.cat((self.gate_proj.weight, self.up_proj.weight))).chunk(2, -1)
        return self.down_proj(F.silu(gate) * up)


class Layer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.input_layernorm, self.self_attn = Norm(shape.dim), Attention(shape)
        self.post_attention_layernorm, self.mlp = Norm(shape.dim), Mlp(shape)

    def forward(self, x, cos, sin):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class Pocket(nn.Module):
    def __init__(self, shape, max_length):
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocab, shape.dim)  # also the output layer
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.dim)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                closes_residual = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(parameter, std=INIT_STD / math.sqrt(2 * shape.layers) if closes_residual else INIT_STD)
        frequency = shape.theta ** (-torch.arange(0, shape.head_dim, 2).float() / shape.head_dim)
        angle = torch.arange(max_length)[:, None] * frequency
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)

    def forward(self, ids, target, weight):
        """-> weighted mean loss; hits [rows, length]: the target is the most likely token"""
        x = self.embed_tokens(ids)
        x = x.bfloat16() if x.is_cuda else x
        cos, sin = self.cos[:ids.shape[1]], self.sin[:ids.shape[1]]
        for layer in self.layers:
            x = layer(x, cos, sin)
        return self.score(self.norm(x), self.embed_tokens.weight, target, weight)

    @staticmethod
    def score(x, head, target, weight):
        logits = F.linear(x, head.to(x.dtype)).float()
        loss = F.cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none") * weight.flatten()
        return loss.sum() / weight.sum(), logits.detach().argmax(-1) == target

    def compile_layers(self):
        """Compiles layer by layer, so that all layers share the compiled code."""
        for layer in self.layers:
            layer.compile(dynamic=False)
        self.score = torch.compile(Pocket.score, dynamic=False)

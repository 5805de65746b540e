"""Collection, fusion and decoding (docs/measurement.md) with the modules of Hugging Face transformers, for any architecture.

Layers, rotary embeddings and attention are those of transformers. Written here: which rows are computed, and which keys and values they attend to.
N: rows of the prompt. M: active rows. Keys are kept before rotation, [KV heads, N, head size].
"""
import math
import sys

import torch
import transformers

NAME = "blend"


class Model:
    def __init__(self, folder, dtype=torch.float64):
        transformers.AttentionInterface.register(NAME, self._attention)
        self.hf = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation=NAME).eval()
        self.bos = self.hf.config.bos_token_id
        self.modeling = sys.modules[type(self.hf).__module__]
        self.rotate = self.modeling.apply_rotary_pos_emb
        self.step = None
        self.modeling.apply_rotary_pos_emb = self._record

    def _record(self, q, k, cos, sin, **kwargs):
        self.step.fresh_keys = k[0]
        return self.rotate(q, k, cos, sin, **kwargs)

    def _attention(self, module, query, key, value, mask, **kwargs):
        return self.step.attention(self, module, query, value, kwargs)

    def head_size(self):
        return self.hf.model.layers[0].self_attn.head_dim

    def angles(self, layer, positions):
        """Cosines and sines of the layer, [1, positions, rotated elements]."""
        like = torch.zeros(1, dtype=self.hf.dtype)
        rotary, types = self.hf.model.rotary_emb, getattr(self.hf.config, "layer_types", None)
        arguments = (types[layer],) if hasattr(rotary, "layer_types") else ()
        return rotary(like, torch.as_tensor(positions)[None], *arguments)

    def run(self, ids, cached, active, after_layer=lambda layer, step: None):
        """Computes the active rows of the prompt; the others have cached keys and values. -> step, with logits of the last row."""
        step = Step(len(ids), cached, active)
        self.step = step
        with torch.no_grad():
            h = self.hf.model.embed_tokens(torch.as_tensor(ids)[step.active][None])
            for layer, block in enumerate(self.hf.model.layers):
                h = block(h, attention_mask=None, position_ids=step.active[None], position_embeddings=self.angles(layer, step.active))
                kept = after_layer(layer, step)
                if kept is not None:
                    h, step.active = h[:, kept], step.active[kept]
            step.logits = self.head(h[:, -1:])[0, 0].double()
        return step

    def head(self, h):
        logits = self.hf.lm_head(self.hf.model.norm(h))
        cap = getattr(self.hf.config, "final_logit_softcapping", None)
        return logits if cap is None else torch.tanh(logits / cap) * cap


class Step:
    def __init__(self, size, cached, active):
        self.size, self.cached, self.active = size, cached, torch.as_tensor(active)
        self.kv = []  # per layer: keys before rotation, values; as the attention of that layer saw them
        self.weights = []  # per layer: attention of the active rows, [query heads, M, N]

    def attention(self, model, module, query, value, kwargs):
        layer = module.layer_idx
        keys, values = (self.mixed(layer, part, fresh) for part, fresh in enumerate((self.fresh_keys, value[0])))
        self.kv.append((keys, values))
        rotated = model.rotate(keys[None], keys[None], *model.angles(layer, range(self.size)))[1]
        distance = self.active[:, None] - torch.arange(self.size)[None]
        visible = (distance >= 0) & (distance < (kwargs.get("sliding_window") or self.size))
        mask = torch.where(visible, 0.0, -math.inf).to(query.dtype)[None, None]
        chosen = {name: kwargs[name] for name in ("scaling", "softcap") if kwargs.get(name) is not None}
        output, weights = model.modeling.eager_attention_forward(module, query, rotated, values[None], mask, dropout=0.0, **chosen)
        self.weights.append(weights[0].double())
        return output, weights

    def mixed(self, layer, part, fresh):
        if self.cached is None:
            return fresh
        both = self.cached[layer][part].clone()
        both[:, self.active] = fresh
        return both


def prefill(model, ids):
    return model.run(ids, None, range(len(ids)))


def collect(model, chunk):
    """A chunk on its own, behind BOS, whose row is dropped."""
    sink = [] if model.bos is None else [model.bos]
    return [(keys[:, len(sink):], values[:, len(sink):]) for keys, values in prefill(model, sink + chunk).kv]


class Prompt:
    def __init__(self, model, segments):
        self.segments, self.ids, self.hit, parts = segments, [], [], []
        for segment in segments:
            ids, cached = segment["token_ids"], bool(segment.get("cache"))
            kv = collect(model, ids)
            parts.append(kv if cached else [(torch.zeros_like(k), torch.zeros_like(v)) for k, v in kv])
            self.ids += ids
            self.hit += [cached] * len(ids)
        self.cached = [tuple(torch.cat([part[layer][i] for part in parts], 1) for i in (0, 1)) for layer in range(len(parts[0]))]
        last = len(self.ids) - 1
        self.eligible = [row for row, hit in enumerate(self.hit) if hit and row != last]
        self.forced = [row for row, hit in enumerate(self.hit) if not hit or row == last]
        self.in_chunk = [i for segment in segments for i in range(len(segment["token_ids"]))]

    def budget(self, share):
        return math.ceil(share * len(self.eligible) - 1e-9)

    def reuse(self, model, chosen=()):
        return model.run(self.ids, self.cached, sorted(set(self.forced) | set(chosen)))


def attention_mass(prompt, probe, layers):
    """Mean attention of the query rows to each earlier key, over rows, heads and layers; keys among the query rows do not count."""
    size = len(prompt.ids)
    behind = max((row for row, hit in enumerate(prompt.hit) if hit), default=-1) + 1
    first = min(behind, size - 1)
    rows = [i for i, row in enumerate(probe.active.tolist()) if row >= first]
    total = torch.zeros(size, dtype=torch.float64)
    for layer in layers:
        shares = probe.weights[layer][:, rows, :first]
        total[:first] += (shares / shares.sum(-1, keepdim=True).clamp_min(1e-300)).mean((0, 1))
    return (total / len(layers)).tolist()


def ranked(rows, score):
    return sorted(rows, key=lambda row: (-score[row], row))


def grown(prompt, mass, count):
    """Anchors, grown to the right; see expand in docs/measurement.md."""
    allowed, segments = set(prompt.eligible), []
    for row in sorted(ranked(prompt.eligible, mass)[:int(0.75 * count)]):
        if segments and row - segments[-1][-1] <= 3:
            segments[-1].append(row)
        else:
            segments.append([row])
    chosen = {row for segment in segments for row in segment}
    for segment in sorted(segments, key=lambda rows: (-sum(mass[row] for row in rows) / len(rows) ** 0.5, rows[0])):
        reach = min(64, max(8, round(8 * len(segment) ** 0.5)))
        for row in range(segment[-1] + 1, segment[-1] + 1 + reach):
            if len(chosen) == count or row not in allowed:
                break
            chosen.add(row)
    rest = [row for row in ranked(prompt.eligible, mass) if row not in chosen]
    return chosen | set(rest[:count - len(chosen)])


def by_rank_in_chunk(prompt, count):
    return sorted(prompt.eligible, key=lambda row: (prompt.in_chunk[row], row))[:count]


def chosen_rows(prompt, request, mass):
    count, selector = prompt.budget(request.get("recompute_ratio", 0.15)), request["selector"]
    if selector == "chunk-head":
        return by_rank_in_chunk(prompt, count)
    if selector == "head-attn":
        head = by_rank_in_chunk(prompt, (count + 1) // 2)
        rest = [row for row in ranked(prompt.eligible, mass) if row not in set(head)]
        return head + rest[:count - len(head)]
    return grown(prompt, mass, count) if request.get("expand") else ranked(prompt.eligible, mass)[:count]


def by_deviation(model, prompt, request, mass, given):
    """All rows are computed up to the first check layer. Each check layer keeps the cached rows whose fresh KV is farthest from their cached KV."""
    part = 0 if request.get("deviation") == "k" else 1
    shares = request.get("schedule") or {str(request.get("check_layer", 1)): request.get("recompute_ratio", 0.15)}
    scores, forced = {}, set(prompt.forced)

    def check(layer, step):
        if str(layer) not in shares:
            return None
        fresh, cached = step.kv[layer][part].double(), prompt.cached[layer][part].double()
        rows = [row for row in step.active.tolist() if row not in forced]
        distance = (fresh - cached).square().sum((0, 2))
        scores[str(layer)] = [[row, float(distance[row]) * (1 if mass is None else mass[row])] for row in rows]
        score = dict((given["check_scores"] if given else scores)[str(layer)])
        kept = forced | set(ranked(rows, score)[:prompt.budget(shares[str(layer)])])
        return torch.tensor([row in kept for row in step.active.tolist()])

    return model.run(prompt.ids, prompt.cached, range(len(prompt.ids)), check), scores


def first_step(model, request, given):
    """-> token ids of the prompt, step, attention of the rows or None, scores by check layer"""
    method, selector, mass = request["method"], request.get("selector", "deviation"), None
    if method == "full_prefill":
        ids = [token for segment in request["segments"] for token in segment["token_ids"]]
        return ids, prefill(model, ids), None, {}
    prompt = Prompt(model, request["segments"])
    if "attn" in selector:
        mass = attention_mass(prompt, prompt.reuse(model), request.get("attn_layers") or range(len(prompt.cached)))
    if method == "full_kv_reuse":
        return prompt.ids, prompt.reuse(model), mass, {}
    if selector.startswith("deviation"):
        step, scores = by_deviation(model, prompt, request, mass, given)
        return prompt.ids, step, mass, scores
    return prompt.ids, prompt.reuse(model, chosen_rows(prompt, request, mass)), mass, {}


def answer(model, request, given=None):
    """The result of a request, with the fields that golden/README.md describes. given: a result whose scores and tokens are used instead."""
    ids, step, mass, scores = first_step(model, request, given)
    first = torch.log_softmax(step.logits, -1).tolist()
    result = dict(
        first_logits_top5=[[int(i), float(step.logits[i])] for i in step.logits.topk(5).indices], token_ids=[], logprobs=[],
        recomputed_positions=step.active.tolist(), check_scores=scores)
    if mass is not None:
        result["attention_mass"] = mass
    for number in range(len(given["token_ids"]) if given else request["max_tokens"]):
        if number:
            ids = ids + [result["token_ids"][-1]]
            longer = [tuple(torch.cat([part, torch.zeros_like(part[:, :1])], 1) for part in layer) for layer in step.kv]
            step = model.run(ids, longer, [len(ids) - 1])
        token = given["token_ids"][number] if given else int(step.logits.argmax())
        result["token_ids"].append(token)
        result["logprobs"].append(float(torch.log_softmax(step.logits, -1)[token]))
    return result, first

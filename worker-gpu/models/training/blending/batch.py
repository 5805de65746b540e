"""A batch of prompts with cached chunks, and their prefill.

Every row is computed, and inactive rows get their cached KV back. The results equal those of an engine that skips these
rows; the time does not.
"""
import math

import torch

from .arms import Selector

_COLLECT_CHUNKS = 256  # per step


class Batch:
    """prompts: [[(token ids, cached)]]. Padded on the right; keys are cached before rotation."""

    def __init__(self, model, prompts):
        self.model = model
        device = model.device
        self.lengths = torch.tensor([sum(len(ids) for ids, _ in prompt) for prompt in prompts], device=device)
        shape = (len(prompts), int(self.lengths.max()))
        self.ids = torch.full(shape, model.eos, device=device)
        cached = torch.zeros(shape, dtype=torch.bool, device=device)
        self._row_in_chunk = torch.zeros(shape, dtype=torch.long, device=device)
        chunks = []
        for i, prompt in enumerate(prompts):
            at = 0
            for ids, is_cached in prompt:
                end = at + len(ids)
                self.ids[i, at:end] = torch.tensor(ids, device=device)
                if is_cached:
                    cached[i, at:end] = True
                    self._row_in_chunk[i, at:end] = torch.arange(len(ids), device=device)
                    chunks.append((i, at, ids))
                at = end
        self.positions = torch.arange(shape[1], device=device)[None].expand(shape)
        self.real = self.positions < self.lengths[:, None]
        self.forced = (~cached & self.real) | (self.positions == self.lengths[:, None] - 1)
        self.eligible = self.real & ~self.forced
        kv_shape = (model.layer_count, *shape, model.kv_heads, model.head_size)
        self._cached_keys, self._cached_values = torch.zeros(kv_shape, device=device), torch.zeros(kv_shape, device=device)
        for start in range(0, len(chunks), _COLLECT_CHUNKS):
            self._collect(chunks[start:start + _COLLECT_CHUNKS])

    def _collect(self, chunks):
        """Computes each chunk after BOS; the row of BOS is dropped."""
        model = self.model
        size = 1 + max(len(ids) for _, _, ids in chunks)
        ids = torch.full((len(chunks), size), model.eos, device=model.device)
        for j, (_, _, chunk) in enumerate(chunks):
            ids[j, :len(chunk) + 1] = torch.tensor([model.bos, *chunk], device=model.device)
        positions = torch.arange(size, device=model.device)[None].expand(len(chunks), -1)
        h = model.embed(ids)
        for layer in range(model.layer_count):
            q, k, v = model.qkv(layer, h)
            for j, (i, at, chunk) in enumerate(chunks):
                self._cached_keys[layer, i, at:at + len(chunk)] = k[j, 1:len(chunk) + 1]
                self._cached_values[layer, i, at:at + len(chunk)] = v[j, 1:len(chunk) + 1]
            h = model.finish(layer, h, model.attend(model.rotate(q, positions), model.rotate(k, positions), v))

    def prefill(self, arm, seed=0):
        """-> logits of each last row; [(rotated keys, values)] by layer; rows active after the last layer"""
        model, generator = self.model, torch.Generator().manual_seed(seed)
        active = self._rows_at_start(arm, generator)
        h, kv = model.embed(self.ids), []
        for layer in range(model.layer_count):
            q, k, v = model.qkv(layer, h)
            fresh = active[..., None, None]
            if layer in arm.schedule:
                score = self._scores(arm.selector, generator, k - self._cached_keys[layer], v - self._cached_values[layer])
                active = (active & self.forced) | self._best(score, active & self.eligible, arm.schedule[layer])
            if arm.reuses:  # rows that are active before the check keep their fresh KV
                k, v = torch.where(fresh, k, self._cached_keys[layer]), torch.where(fresh, v, self._cached_values[layer])
            k = model.rotate(k, self.positions)
            kv.append((k, v))
            h = model.finish(layer, h, model.attend(model.rotate(q, self.positions), k, v))
        last = h[torch.arange(len(h), device=model.device), self.lengths - 1]
        return model.logits(last), kv, active

    def _rows_at_start(self, arm, generator):
        if not arm.reuses or arm.schedule:
            return self.real
        if not arm.from_start:
            return self.forced
        return self.forced | self._best(self._scores(arm.selector, generator), self.eligible, arm.from_start)

    def _scores(self, selector, generator, key_change=None, value_change=None):
        if selector is Selector.RANDOM:
            return torch.rand(self.ids.shape, generator=generator).to(self.model.device)
        if selector is Selector.CHUNK_HEAD:
            return -self._row_in_chunk.double()
        change = value_change if selector is Selector.VALUE else key_change
        return (change ** 2).sum((2, 3))

    def _best(self, score, candidates, share):
        """The first ceil(share * cached rows) candidates by score; ties go to the lower position."""
        budget = torch.ceil(share * self.eligible.sum(1).double() - 1e-9).long()
        ranked = torch.where(candidates, score.double(), -math.inf)
        order = torch.sort(ranked, dim=1, descending=True, stable=True).indices
        rank = torch.empty_like(order).scatter_(1, order, self.positions.contiguous())
        return (rank < budget[:, None]) & candidates

    def decode(self, logits, kv, limit, stops):
        """Greedy. -> token ids of each prompt, up to a stop token."""
        model = self.model
        count, size = self.ids.shape
        kv = [tuple(torch.nn.functional.pad(x, (0, 0, 0, 0, 0, limit)) for x in pair) for pair in kv]
        answers, running = [[] for _ in range(count)], [True] * count
        prompts, columns = torch.arange(count, device=model.device), torch.arange(size + limit, device=model.device)
        for step in range(limit):
            token = logits.argmax(-1)
            for i, t in enumerate(token.tolist()):
                running[i] = running[i] and t not in stops
                if running[i]:
                    answers[i].append(t)
            if not any(running):
                break
            position = self.lengths + step
            mask = (columns[None] <= position[:, None])[:, None, None]
            h = model.embed(token)[:, None]
            for layer, (keys, values) in enumerate(kv):
                q, k, v = model.qkv(layer, h)
                keys[prompts, position], values[prompts, position] = model.rotate(k, position[:, None])[:, 0], v[:, 0]
                h = model.finish(layer, h, model.attend(model.rotate(q, position[:, None]), keys, values, mask))
            logits = model.logits(h[:, 0])
        return answers

"""A batch of prompts with cached chunks, and their prefill.

Every row is computed, and inactive rows get their cached KV back. The results equal those of an engine that skips these
rows; the time does not.
"""
import math

import torch

from .arms import FULL_KV_REUSE, Selector
from .segments import expand_right

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
        behind_cached = (cached * (self.positions + 1)).amax(1)
        self._first_query = torch.minimum(behind_cached, self.lengths - 1)
        self._attention_mass = None
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
        generator = torch.Generator().manual_seed(seed)
        h, kv, active = self._run(arm, self._rows_at_start(arm, generator), generator)
        last = h[torch.arange(len(h), device=self.model.device), self.lengths - 1]
        return self.model.logits(last), kv, active

    def attention_mass(self):
        """[prompts, rows]: attention of the query rows to each row before them under full KV reuse.

        The mean over query rows, heads and layers of a softmax over the rows before the first query row.
        """
        if self._attention_mass is None:
            self._attention_mass = torch.zeros(self.ids.shape, device=self.model.device)
            self._run(FULL_KV_REUSE, self.forced, None, probe=self._add_attention)
            self._attention_mass /= self.model.layer_count
        return self._attention_mass

    def _run(self, arm, active, generator, probe=None):
        """probe(rotated queries, rotated keys): called in each layer."""
        model = self.model
        h, kv = model.embed(self.ids), []
        for layer in range(model.layer_count):
            q, k, v = model.qkv(layer, h)
            fresh = active[..., None, None]
            if layer in arm.schedule:
                score = self._scores(arm.selector, generator, k - self._cached_keys[layer], v - self._cached_values[layer])
                active = (active & self.forced) | self._best(score, active & self.eligible, self._budget(arm.schedule[layer]))
            if arm.reuses:  # rows that are active before the check keep their fresh KV
                k, v = torch.where(fresh, k, self._cached_keys[layer]), torch.where(fresh, v, self._cached_values[layer])
            q, k = model.rotate(q, self.positions), model.rotate(k, self.positions)
            if probe:
                probe(q, k)
            else:
                kv.append((k, v))
            h = model.finish(layer, h, model.attend(q, k, v))
        return h, kv, active

    def _add_attention(self, q, k):
        size = int((self.lengths - self._first_query).max())
        rows = self._first_query[:, None] + torch.arange(size, device=self.model.device)
        is_query = rows < self.lengths[:, None]
        rows = rows.clamp(max=self.ids.shape[1] - 1)
        q = q.gather(1, rows[..., None, None].expand(-1, -1, *q.shape[2:]))
        groups = q.unflatten(2, (self.model.kv_heads, -1))
        scores = torch.einsum("bqhgd,bnhd->bhgqn", groups, k) / math.sqrt(self.model.head_size)
        is_before = self.positions < self._first_query[:, None]
        weights = torch.where(is_before[:, None, None, None], scores, -math.inf).softmax(-1).mean((1, 2))
        self._attention_mass += (weights * is_query[..., None]).sum(1) / is_query.sum(1, keepdim=True)

    def _rows_at_start(self, arm, generator):
        if not arm.reuses or arm.schedule:
            return self.real
        if not arm.from_start:
            return self.forced
        budget = self._budget(arm.from_start)
        if arm.selector is Selector.QUERY_ATTENTION_EXPANDED:
            return self.forced | self._expanded(budget)
        if arm.selector is Selector.HEAD_ATTENTION:
            head = self._best(self._scores(Selector.CHUNK_HEAD), self.eligible, (budget + 1) // 2)
            return self.forced | head | self._best(self.attention_mass(), self.eligible & ~head, budget // 2)
        return self.forced | self._best(self._scores(arm.selector, generator), self.eligible, budget)

    def _scores(self, selector, generator=None, key_change=None, value_change=None):
        if selector is Selector.RANDOM:
            return torch.rand(self.ids.shape, generator=generator).to(self.model.device)
        if selector is Selector.CHUNK_HEAD:
            return -self._row_in_chunk.double()
        if selector is Selector.QUERY_ATTENTION:
            return self.attention_mass()
        change = key_change if selector is Selector.KEY else value_change
        deviation = (change ** 2).sum((2, 3))
        return deviation * self.attention_mass() if selector is Selector.VALUE_X_ATTENTION else deviation

    def _budget(self, share):
        """[prompts]: ceil(share * cached rows)"""
        return torch.ceil(share * self.eligible.sum(1).double() - 1e-9).long()

    def _best(self, score, candidates, budget):
        """The first candidates by score; ties go to the lower position."""
        ranked = torch.where(candidates, score.double(), -math.inf)
        order = torch.sort(ranked, dim=1, descending=True, stable=True).indices
        rank = torch.empty_like(order).scatter_(1, order, self.positions.contiguous())
        return (rank < budget[:, None]) & candidates

    def _expanded(self, budget):
        chosen = torch.zeros(self.ids.shape, dtype=torch.bool)
        lists = zip(self.attention_mass().tolist(), self.eligible.tolist(), budget.tolist())
        for i, (mass, eligible, count) in enumerate(lists):
            chosen[i, list(expand_right(mass, [position for position, allowed in enumerate(eligible) if allowed], count))] = True
        return chosen.to(self.model.device)

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

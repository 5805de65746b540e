"""Training rows from producer processes: no row is repeated, and the GPU does not wait for text.

Producers write shards, uint16 [2, rows, length] (token ids, token classes), to a folder in memory. A shard is
renamed to STAGE_WORKER_NUMBER.ready when it is complete.
"""
import multiprocessing
import os
import queue
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import torch

SHARD_ROWS = 64
MAX_READY_SHARDS = 400
JOIN_SECONDS = 2


class Feed:
    """stages: [(row length, rows per batch)], short rows first. Use as a context manager."""

    def __init__(self, folder, tokenizer_file, seed, chat_share, stages, first_stage, workers, pin):
        self._folder, self._stages, self._pin = Path(folder), stages, pin
        context = multiprocessing.get_context("spawn")
        self._stage, self._stopped = context.Value("i", first_stage), context.Value("i", 0)
        arguments = (str(folder), tokenizer_file, chat_share, [length for length, _ in stages], self._stage, self._stopped)
        self._workers = [context.Process(target=_produce, args=(worker, seed * 1000 + worker, *arguments), daemon=True) for worker in range(workers)]
        self._batches = queue.Queue(4)

    def __enter__(self):
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        for worker in self._workers:
            worker.start()
        threading.Thread(target=self._assemble, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._stopped.value = 1
        for worker in self._workers:
            worker.join(JOIN_SECONDS)
            worker.terminate()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def stage(self):
        return self._stage.value

    def advance(self):
        self._stage.value = min(self._stage.value + 1, len(self._stages) - 1)

    def next_batch(self):
        """-> stage, int32 [2, rows, length]"""
        return self._batches.get()

    def _assemble(self):
        left_stage, left = None, None  # rows of the last shard that did not fit into the batch
        while not self._stopped.value:
            stage = self.stage
            _, needed = self._stages[stage]
            parts = [left] if left_stage == stage else []
            left_stage, left = None, None
            while sum(part.shape[1] for part in parts) < needed and not self._stopped.value and self.stage == stage:
                ready = next(self._folder.glob(f"{stage}_*.ready"), None)
                if ready is None:
                    time.sleep(.01)
                    continue
                with open(ready, "rb") as file:
                    parts.append(np.load(file))
                ready.unlink()
            block = np.concatenate(parts, 1) if parts else None
            if block is None or block.shape[1] < needed:
                continue
            if block.shape[1] > needed:
                left_stage, left = stage, block[:, needed:]
            batch = torch.from_numpy(block[:, :needed].astype(np.int32))
            self._batches.put((stage, batch.pin_memory() if self._pin else batch))


def _produce(worker, seed, folder, tokenizer_file, chat_share, lengths, stage, stopped):
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    from corpus.rows import RowMaker
    from tokenizers import Tokenizer

    maker, folder, number = RowMaker(Tokenizer.from_file(tokenizer_file), seed, chat_share), Path(folder), 0
    while not stopped.value:
        now = stage.value
        if sum(1 for _ in folder.glob(f"{now}_*.ready")) > MAX_READY_SHARDS:
            time.sleep(.05)
            continue
        ids, classes = maker.rows(SHARD_ROWS, lengths[now], first_stage=now == 0)
        path = folder / f"{now}_{worker:03d}_{number:06d}"
        with open(path, "wb") as file:
            np.save(file, np.stack((ids, classes.astype(np.uint16))))
        path.rename(path.with_suffix(".ready"))
        number += 1

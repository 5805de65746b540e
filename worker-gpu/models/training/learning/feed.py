"""Training rows from producer processes: no row is repeated, and the GPU does not wait for text.

Producers write shards, uint16 [2, rows, length] (token ids, token classes), to a folder in memory. A shard is
renamed to STREAM_WORKER_NUMBER.ready when it is complete.
"""
import multiprocessing
import os
import queue
import shutil
import threading
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

SHARD_TOKENS = 65536
MAX_READY_SHARDS = 400
BATCHES_AHEAD = 3
JOIN_SECONDS = 2
BATCH_SECONDS = 60


class Stream(NamedTuple):
    """Batches of one size. stage: difficulty of its rows; chat_share, notes_share: shares of its rows, the others are passages."""

    stage: str
    length: int
    rows: int
    chat_share: float
    notes_share: float


class Feed:
    """Batches of several streams. demand: share of the tokens that each stream is expected to need. Use as a context manager."""

    def __init__(self, folder, tokenizer_file, seed, streams, demand, workers, pin):
        self._folder, self._streams, self._pin = Path(folder), streams, pin
        context = multiprocessing.get_context("spawn")
        self._demand, self._stopped = context.Array("d", demand), context.Value("i", 0)
        arguments = (str(folder), tokenizer_file, streams, self._demand, self._stopped)
        self._workers = [context.Process(target=_produce, args=(worker, seed * 1000 + worker, *arguments), daemon=True) for worker in range(workers)]
        self._batches = [queue.Queue(BATCHES_AHEAD) for _ in streams]

    def __enter__(self):
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        for worker in self._workers:
            worker.start()
        for stream in range(len(self._streams)):
            threading.Thread(target=self._assemble, args=(stream,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._stopped.value = 1
        for worker in self._workers:
            worker.join(JOIN_SECONDS)
            worker.terminate()
        shutil.rmtree(self._folder, ignore_errors=True)

    def set_demand(self, demand):
        self._demand[:] = demand

    def next_batch(self, stream):
        """-> int32 [2, rows, length]. Only streams with a demand have batches."""
        try:
            return self._batches[stream].get(timeout=BATCH_SECONDS)
        except queue.Empty:
            raise RuntimeError(f"no batch of stream {stream} for {BATCH_SECONDS} s; its demand is {self._demand[stream]}") from None

    def _assemble(self, stream):
        needed, parts = self._streams[stream].rows, []
        while not self._stopped.value:
            while sum(part.shape[1] for part in parts) < needed and not self._stopped.value:
                ready = next(self._folder.glob(f"{stream}_*.ready"), None)
                if ready is None:
                    time.sleep(.01)
                    continue
                with open(ready, "rb") as file:
                    parts.append(np.load(file))
                ready.unlink()
            if self._stopped.value:
                return
            block = np.concatenate(parts, 1)
            parts = [block[:, needed:]]  # rows that did not fit into the batch
            batch = torch.from_numpy(block[:, :needed].astype(np.int32))
            self._batches[stream].put(batch.pin_memory() if self._pin else batch)


def _produce(worker, seed, folder, tokenizer_file, streams, demand, stopped):
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    from corpus.rows import RowMaker
    from tokenizers import Tokenizer

    maker, folder, number = RowMaker(Tokenizer.from_file(tokenizer_file), seed), Path(folder), 0
    while not stopped.value:
        ready = [sum(1 for _ in folder.glob(f"{stream}_*.ready")) for stream in range(len(streams))]
        wanted = [stream for stream, share in enumerate(demand) if share > 0]
        now = min(wanted, key=lambda stream: (ready[stream] + 1) / demand[stream])
        if sum(ready[stream] for stream in wanted) > MAX_READY_SHARDS:
            time.sleep(.05)
            continue
        stream = streams[now]
        ids, classes = maker.rows(max(1, SHARD_TOKENS // stream.length), stream.length, stream.stage, stream.chat_share, stream.notes_share)
        path = folder / f"{now}_{worker:03d}_{number:06d}"
        with open(path, "wb") as file:
            np.save(file, np.stack((ids, classes.astype(np.uint16))))
        path.rename(path.with_suffix(".ready"))
        number += 1

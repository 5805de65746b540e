"""The comparison of arms that ends a training run."""
import json
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer

from blending.arms import SUMMARY_ARMS
from blending.evaluation import Evaluation, table
from blending.model import Model

_BASE_ARMS, _MAX_BATCH = 2, 100
_SECONDS_FOR_BATCH = 10


@torch.inference_mode()
def score(folder, files, device, samples, end):
    """Writes evaluation.json and prints tables. First all files with full prefill and full KV reuse, then the other arms; stops before end."""
    torch.set_float32_matmul_precision("highest")
    model = Model(folder, device)
    tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
    results = {}
    for arms in (SUMMARY_ARMS[:_BASE_ARMS], SUMMARY_ARMS):
        for file in files:
            begin = time.monotonic()
            evaluation = Evaluation(model, tokenizer, Path(file), samples, _MAX_BATCH)
            evaluation.run(arms, end - _SECONDS_FOR_BATCH)
            if evaluation.scores and len(evaluation.scores[arms[0]]) > 1:
                results[file.stem] = evaluation.results(arms[0])
                print(f"{file.stem}, {time.monotonic() - begin:.1f} s", *table(results[file.stem]), sep="\n", flush=True)
            _write(Path(folder) / "evaluation.json", results)


def _write(path, value):
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    unfinished.rename(path)

#!/usr/bin/env python3
"""What Hugging Face transformers reads from the configurations of published models.

    pip install torch==2.13.0 transformers==5.18.0
    make_published_expectations.py

Reads ../resources/published/configs.json: name, source and config.json of each model. The fields are those of the published files, as copies of them
in public repositories list them. Writes expected.json beside it: per model the head size, the
window of each layer (0: none), the query scale, whether heads have norms, whether the output layer is the embedding, the end-of-sequence ids, the
positions, and per rotary embedding the angles of all pairs per position and the factor of cosines and sines, for short sequences.
"""
import json
import pathlib
import sys
import tempfile

import torch
import transformers

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "resources" / "published"


def rotary(module, config):
    embedding = module(config)
    names = [""] if hasattr(embedding, "inv_freq") else ["full_attention_", "sliding_attention_"]
    return [dict(angles=[float(f"{x:.7g}") for x in getattr(embedding, name + "inv_freq").tolist()],
                 amplitude=float(f"{getattr(embedding, name + 'attention_scaling'):.7g}")) for name in names]


def expected(config):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "config.json").write_text(json.dumps(config))
        whole = transformers.AutoConfig.from_pretrained(folder)
    text = whole.get_text_config()
    model = transformers.AutoModelForCausalLM._model_mapping[type(text)]
    modeling, prefix = sys.modules[model.__module__], model.__name__.removesuffix("ForCausalLM")
    types = getattr(text, "layer_types", None) or ["sliding_attention" if getattr(text, "sliding_window", None) else "full_attention"] * text.num_hidden_layers
    with torch.device("meta"):
        attention = getattr(modeling, prefix + "Attention")(text, 0)
    eos = whole.eos_token_id
    return dict(
        head_size=attention.head_dim, windows=[text.sliding_window if kind == "sliding_attention" else 0 for kind in types],
        scale=attention.scaling, head_norms=hasattr(attention, "q_norm"), tied=text.tie_word_embeddings,
        eos=eos if isinstance(eos, list) else [eos], positions=text.max_position_embeddings,
        rotary=rotary(getattr(modeling, prefix + "RotaryEmbedding"), text))


if __name__ == "__main__":
    models = {model["name"]: expected(model["config"]) for model in json.loads(FOLDER.joinpath("configs.json").read_text())}
    FOLDER.joinpath("expected.json").write_text("{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in models.items()) + "\n}\n")

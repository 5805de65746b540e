#!/usr/bin/env python3
"""Makes LoRA adapters with PEFT for a tiny checkpoint, and the weights that PEFT merges.

    pip install torch==2.13.0 transformers==5.18.0 peft==0.21.0
    make_lora_golden.py

Writes to ../resources/lora: base/model.safetensors and config.json, and per adapter NAME/adapter_config.json, adapter_model.safetensors and
merged.safetensors, all in float32.
"""
import json
import pathlib
import shutil

import peft
import torch
import transformers
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).resolve().parents[1] / "resources" / "lora"
CONFIG = dict(
    vocab_size=32, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, head_dim=8,
    max_position_embeddings=64, rms_norm_eps=1e-5, rope_theta=10000.0, tie_word_embeddings=False, bos_token_id=1, eos_token_id=2)
ADAPTERS = {
    "plain": dict(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"]),
    "stabilised": dict(
        r=4, lora_alpha=6, use_rslora=True, target_modules="all-linear", rank_pattern={"down_proj": 2, r"layers\.0\..*\.k_proj": 3},
        alpha_pattern={"up_proj": 12}, fan_in_fan_out=True)}


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    torch.manual_seed(7)
    base = transformers.LlamaForCausalLM(transformers.LlamaConfig(**CONFIG))
    with torch.no_grad():
        for parameter in base.parameters():
            parameter.copy_(torch.randn(parameter.shape) * 0.2)
    weights = {name: values.clone() for name, values in base.state_dict().items()}
    (OUT / "base").mkdir(parents=True)
    save_file(weights, OUT / "base" / "model.safetensors")
    (OUT / "base" / "config.json").write_text(
        json.dumps(dict(architectures=["LlamaForCausalLM"], model_type="llama", **CONFIG), indent=1) + "\n")
    for name, fields in ADAPTERS.items():
        base.load_state_dict(weights)
        model = peft.get_peft_model(base, peft.LoraConfig(task_type="CAUSAL_LM", **fields))
        with torch.no_grad():
            for parameter_name, parameter in model.named_parameters():
                if "lora_" in parameter_name:
                    parameter.copy_(torch.randn(parameter.shape) * 0.3)
        model.save_pretrained(OUT / name)
        (OUT / name / "README.md").unlink()
        base = model.merge_and_unload()
        save_file({key: values.contiguous() for key, values in base.state_dict().items()}, OUT / name / "merged.safetensors")
    for file in OUT.glob("*/*"):
        file.chmod(0o644)


if __name__ == "__main__":
    main()

"""Full prefill, full KV reuse and CacheBlend of a checkpoint, in PyTorch, for batches of prompts."""

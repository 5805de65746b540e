/** Dequantises safetensors checkpoints by their {@code quantization_config}. */
package ai.cacheblend.worker.export.quantized;

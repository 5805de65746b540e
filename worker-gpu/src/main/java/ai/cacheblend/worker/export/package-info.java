/**
 * Exports a Hugging Face checkpoint as a model folder: {@code config} reads its description, {@code
 * weights} converts its tensors, {@code lowering} builds the ONNX graph.
 */
package ai.cacheblend.worker.export;

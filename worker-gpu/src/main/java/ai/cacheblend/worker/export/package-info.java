/**
 * Turns a Hugging Face checkpoint into a model folder: weights streamed into one file, and an ONNX
 * graph over them with the ops of the native library.
 */
package ai.cacheblend.worker.export;

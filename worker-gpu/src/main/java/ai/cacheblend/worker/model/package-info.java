/**
 * Runs the graph on ONNX Runtime, which no other package uses, and turns text into tokens and back.
 */
package ai.cacheblend.worker.model;

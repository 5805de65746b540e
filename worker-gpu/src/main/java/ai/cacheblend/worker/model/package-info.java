/**
 * Runs the graph on ONNX Runtime, which no other package knows, and turns text into tokens and
 * back.
 */
package ai.cacheblend.worker.model;

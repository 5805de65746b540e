/**
 * Builds the ONNX graph of a decoder from the description in a manifest. A {@code Lowering} decides
 * which operators stand for a sublayer; {@code GraphBuilder} knows the structure alone.
 */
package ai.cacheblend.worker.export.lowering;

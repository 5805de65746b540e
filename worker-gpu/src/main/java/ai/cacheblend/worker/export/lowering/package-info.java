/**
 * Builds the ONNX graph of a decoder from the description in a manifest. A {@code Lowering} decides
 * which operators implement a sublayer; {@code GraphBuilder} defines only the structure.
 */
package ai.cacheblend.worker.export.lowering;

package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredTensor;
import java.util.Map;

/** A method of quantisation with its parameters, from a {@code quantization_config}. */
interface Quantization {

  /**
   * The tensors of the model: each quantised weight as one tensor of its numbers, the others as
   * they are.
   *
   * @param stored the tensors of the checkpoint
   * @throws ExportException if a part of a weight is missing or has another shape
   */
  Map<String, StoredTensor> decoded(Map<String, SafetensorsTensor> stored) throws ExportException;
}

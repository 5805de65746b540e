package ai.cacheblend.worker.model;

import ai.onnxruntime.OrtException;
import java.util.List;

/** Classifies failures of ONNX Runtime. */
final class RuntimeFailures {
  /**
   * ONNX Runtime reports lack of memory as a general failure, so its text is the only distinction:
   * of the arena allocator, of the arena limit, and of CUDA.
   */
  private static final List<String> OUT_OF_MEMORY =
      List.of("Failed to allocate memory", "Available memory of", "out of memory");

  private RuntimeFailures() {}

  static RuntimeException of(OrtException e) {
    String message = "ONNX Runtime failed: " + e.getMessage();
    return OUT_OF_MEMORY.stream().anyMatch(message::contains)
        ? new DeviceMemoryException(message, e)
        : new ModelFailureException(message, e);
  }
}

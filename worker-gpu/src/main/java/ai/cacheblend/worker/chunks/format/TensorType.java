package ai.cacheblend.worker.chunks.format;

import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvStorage.Element;

/** Number formats of tensors, by their safetensors names. */
enum TensorType {
  F32(4),
  F16(2),
  BF16(2),
  F8_E4M3(1),
  I8(1);

  private final int byteCount;

  TensorType(int byteCount) {
    this.byteCount = byteCount;
  }

  int byteCount() {
    return byteCount;
  }

  /** The type of keys and values. */
  static TensorType of(Element element, KvEncoding encoding) {
    return switch (encoding) {
      case FP8 -> F8_E4M3;
      case INT8 -> I8;
      case NATIVE ->
          switch (element) {
            case FP32 -> F32;
            case FP16 -> F16;
            case BF16 -> BF16;
          };
    };
  }
}

package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.model.Dtype;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Encodes numbers in a dtype, little-endian, on all processors. */
final class FloatEncoder {

  /** Numbers per parallel task. */
  private static final int TASK_ELEMENTS = 1 << 14;

  /** A number that the dtype has no finite value for. */
  static final class RangeException extends Exception {
    RangeException(Dtype dtype, float value, float limit) {
      super(
          "%s, outside of the range of %s, whose largest number is %s%s"
              .formatted(
                  value,
                  dtype.id(),
                  limit,
                  Float.isFinite(value) ? "; choose another --dtype" : ""));
    }
  }

  private final ByteBuffer bytes;

  FloatEncoder(int maxElements) {
    bytes = ByteBuffer.allocateDirect(maxElements * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The first {@code count} values; the buffer is valid until the next call. */
  ByteBuffer encode(Dtype dtype, float[] values, int count) throws RangeException {
    bytes.clear().limit(count * dtype.byteCount());
    float limit = limit(dtype);
    int tasks = (count + TASK_ELEMENTS - 1) / TASK_ELEMENTS;
    OptionalInt outside =
        IntStream.range(0, tasks)
            .parallel()
            .map(
                task -> {
                  int from = task * TASK_ELEMENTS;
                  return encode(dtype, values, limit, from, Math.min(count, from + TASK_ELEMENTS));
                })
            .filter(index -> index >= 0)
            .findFirst();
    if (outside.isPresent()) {
      throw new RangeException(dtype, values[outside.getAsInt()], limit);
    }
    return bytes;
  }

  private static float limit(Dtype dtype) {
    return switch (dtype) {
      case FP32 -> Float.MAX_VALUE;
      case FP16 -> FloatBits.MAX_HALF;
      case BF16 -> FloatBits.MAX_BFLOAT;
    };
  }

  /** Encodes values {@code [from, to)}; returns the first index outside of the limit, or −1. */
  private int encode(Dtype dtype, float[] values, float limit, int from, int to) {
    for (int i = from; i < to; i++) {
      // NaN compares false.
      if (!(Math.abs(values[i]) <= limit)) {
        return i;
      }
      switch (dtype) {
        case FP32 -> bytes.putFloat(i * 4, values[i]);
        case FP16 -> bytes.putShort(i * 2, FloatBits.toHalf(values[i]));
        case BF16 -> bytes.putShort(i * 2, FloatBits.toBfloat(values[i]));
      }
    }
    return -1;
  }
}

package ai.cacheblend.worker.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * One int64 input of the graph, in a direct buffer that grows and is used again by every step.
 * Single thread.
 */
final class LongInput {
  private LongBuffer buffer = allocate(64);

  OnnxTensor tensor(OrtEnvironment environment, ImmutableIntArray values, long... shape)
      throws OrtException {
    reset(values.length());
    for (int i = 0; i < values.length(); i++) {
      buffer.put(values.get(i));
    }
    return OnnxTensor.createTensor(environment, buffer.flip(), shape);
  }

  OnnxTensor vector(OrtEnvironment environment, long... values) throws OrtException {
    reset(values.length);
    buffer.put(values);
    return OnnxTensor.createTensor(environment, buffer.flip(), new long[] {values.length});
  }

  private void reset(int count) {
    if (buffer.capacity() < count) {
      buffer = allocate(Math.max(count, 2 * buffer.capacity()));
    }
    buffer.clear();
  }

  private static LongBuffer allocate(int count) {
    return ByteBuffer.allocateDirect(count * Long.BYTES)
        .order(ByteOrder.nativeOrder())
        .asLongBuffer();
  }
}

package ai.cacheblend.worker.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Memory of one int64 input or output of the graph: a direct buffer that grows, and tensors over
 * its first values. Creating a tensor costs as much as writing thousands of values, so the most
 * recently used tensors are kept. Single thread.
 */
final class Int64Tensors implements AutoCloseable {
  private static final int FIRST_CAPACITY = 64;
  private static final int TENSOR_COUNT = 16;

  private final OrtEnvironment environment;
  private LongBuffer buffer = allocate(FIRST_CAPACITY);
  private long[] staged = new long[FIRST_CAPACITY];

  /** By rows and columns, least recently used first. */
  private final Map<Long, OnnxTensor> tensors = new LinkedHashMap<>(16, 0.75f, true);

  Int64Tensors(OrtEnvironment environment) {
    this.environment = environment;
  }

  /**
   * An array of at least this length for the values of the next {@link #write}. It is reused,
   * because first use of new memory costs more than writing to it.
   */
  long[] stage(int count) {
    if (staged.length < count) {
      staged = new long[Math.max(count, 2 * staged.length)];
    }
    return staged;
  }

  /** Copies staged values to the buffer in bulk; single puts into a direct buffer are slower. */
  void write(int count) {
    ensureCapacity(count);
    buffer.put(0, staged, 0, count);
  }

  void ensureCapacity(int count) {
    if (buffer.capacity() < count) {
      close(); // the tensors refer to the old buffer
      buffer = allocate(Math.max(count, 2 * buffer.capacity()));
    }
  }

  long get(int index) {
    return buffer.get(index);
  }

  /** Shape [count], over the first values of the buffer. */
  OnnxTensor tensor(int count) throws OrtException {
    return tensor(count, count, count);
  }

  /** Shape [rows, columns], over the first values of the buffer. */
  OnnxTensor tensor(int rows, int columns) throws OrtException {
    // Negative, so that it differs from the key of every vector.
    return tensor((long) ~rows << Integer.SIZE | columns, rows * columns, rows, columns);
  }

  private OnnxTensor tensor(long key, int count, long... shape) throws OrtException {
    OnnxTensor known = tensors.get(key);
    if (known != null) {
      return known;
    }
    if (tensors.size() == TENSOR_COUNT) {
      tensors.remove(tensors.keySet().iterator().next()).close();
    }
    ensureCapacity(count);
    OnnxTensor tensor = OnnxTensor.createTensor(environment, buffer.slice(0, count), shape);
    tensors.put(key, tensor);
    return tensor;
  }

  @Override
  public void close() {
    tensors.values().forEach(OnnxTensor::close);
    tensors.clear();
  }

  private static LongBuffer allocate(int count) {
    return ByteBuffer.allocateDirect(count * Long.BYTES)
        .order(ByteOrder.nativeOrder())
        .asLongBuffer();
  }
}

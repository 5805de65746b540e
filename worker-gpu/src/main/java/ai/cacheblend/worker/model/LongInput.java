package ai.cacheblend.worker.model;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import com.google.common.primitives.ImmutableIntArray;
import com.google.common.primitives.Longs;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One int64 input of the graph: a direct buffer that grows, and tensors over its first values.
 * Making a tensor costs as much as writing thousands of values, and prompts of one length follow
 * one another, so the last few are kept. Single thread.
 */
final class LongInput implements AutoCloseable {
  private static final int FIRST_CAPACITY = 64;
  private static final int TENSOR_COUNT = 16;

  private final OrtEnvironment environment;
  private final long[] rowShape;
  private LongBuffer buffer = allocate(FIRST_CAPACITY);
  private long[] staged = new long[FIRST_CAPACITY];

  /** By the length of their first dimension, least recently used first. */
  private final Map<Integer, OnnxTensor> tensors = new LinkedHashMap<>(16, 0.75f, true);

  /** Of a shape {@code [count]}, followed by dimensions of one. */
  LongInput(OrtEnvironment environment, long... rowShape) {
    this.environment = environment;
    this.rowShape = rowShape;
  }

  void write(ImmutableIntArray values) {
    long[] room = stage(values.length());
    for (int i = 0; i < values.length(); i++) {
      room[i] = values.get(i);
    }
    write(room, values.length());
  }

  /** All of {@code [from, to)}. */
  void writeRange(int from, int to) {
    long[] room = stage(to - from);
    for (int i = from; i < to; i++) {
      room[i - from] = i;
    }
    write(room, to - from);
  }

  void write(long... values) {
    write(values, values.length);
  }

  /** Room for so many values, the same for every step: memory that is new costs most. */
  private long[] stage(int count) {
    if (staged.length < count) {
      staged = new long[Math.max(count, 2 * staged.length)];
    }
    return staged;
  }

  /** In one piece: putting value by value into a direct buffer takes ten times as long. */
  private void write(long[] values, int count) {
    if (buffer.capacity() < count) {
      close(); // they are of the old buffer
      buffer = allocate(Math.max(count, 2 * buffer.capacity()));
    }
    buffer.put(0, values, 0, count);
  }

  /** Of the first values of what was written last; holds what the buffer holds. */
  OnnxTensor tensor(int count) throws OrtException {
    OnnxTensor known = tensors.get(count);
    if (known != null) {
      return known;
    }
    if (tensors.size() == TENSOR_COUNT) {
      tensors.remove(tensors.keySet().iterator().next()).close();
    }
    OnnxTensor tensor =
        OnnxTensor.createTensor(
            environment, buffer.slice(0, count), Longs.concat(new long[] {count}, rowShape));
    tensors.put(count, tensor);
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

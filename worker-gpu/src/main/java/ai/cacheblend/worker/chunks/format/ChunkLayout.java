package ai.cacheblend.worker.chunks.format;

import static com.google.common.base.Preconditions.checkElementIndex;

import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvShape;
import java.util.ArrayList;
import java.util.List;

/**
 * Places of the tensors behind the header. Layers follow each other without gaps. A layer is keys
 * before rotation and values, each [tokens, KV heads, head size]; if they are quantized, followed
 * by the scales of keys and of values, each fp32 [tokens, KV heads]. Native layers have the bytes
 * of a chunk on the device.
 */
public final class ChunkLayout {
  /** A tensor; offsets count from the end of the header. */
  record Tensor(String name, TensorType type, List<Integer> shape, long begin, long end) {}

  private final int layerCount;
  private final int layerByteCount;
  private final List<Tensor> tensors;

  private ChunkLayout(int layerCount, int layerByteCount, List<Tensor> tensors) {
    this.layerCount = layerCount;
    this.layerByteCount = layerByteCount;
    this.tensors = List.copyOf(tensors);
  }

  public static ChunkLayout of(ChunkDescription chunk) {
    KvShape shape = chunk.form().shape();
    int tokenCount = chunk.form().tokenCount();
    List<Integer> rows = List.of(tokenCount, shape.kvHeadCount(), shape.headSize());
    List<Integer> heads = rows.subList(0, 2);
    TensorType type = TensorType.of(chunk.form().element(), chunk.form().encoding());
    List<Tensor> tensors = new ArrayList<>();
    for (int layer = 0; layer < shape.layerCount(); layer++) {
      String prefix = "layers." + layer + ".";
      add(tensors, prefix + "k", type, rows);
      add(tensors, prefix + "v", type, rows);
      if (chunk.form().encoding() != KvEncoding.NATIVE) {
        add(tensors, prefix + "k_scale", TensorType.F32, heads);
        add(tensors, prefix + "v_scale", TensorType.F32, heads);
      }
    }
    long layerBytes = tensors.get(tensors.size() - 1).end() / shape.layerCount();
    return new ChunkLayout(shape.layerCount(), (int) layerBytes, tensors);
  }

  private static void add(List<Tensor> tensors, String name, TensorType type, List<Integer> shape) {
    long begin = tensors.isEmpty() ? 0 : tensors.get(tensors.size() - 1).end();
    long bytes = type.byteCount();
    for (int size : shape) {
      bytes = Math.multiplyExact(bytes, size);
    }
    tensors.add(new Tensor(name, type, shape, begin, Math.addExact(begin, bytes)));
  }

  public int layerCount() {
    return layerCount;
  }

  public int layerByteCount() {
    return layerByteCount;
  }

  /** Offset of a layer from the end of the header. */
  public long layerOffset(int layer) {
    return (long) checkElementIndex(layer, layerCount, "layer") * layerByteCount;
  }

  /** Bytes of all layers. */
  public long dataByteCount() {
    return (long) layerCount * layerByteCount;
  }

  /** Ascending, without gaps. */
  List<Tensor> tensors() {
    return tensors;
  }
}

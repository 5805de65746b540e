package ai.cacheblend.worker.chunks.tier;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage.Element;

/**
 * Layout of a chunk's KV outside the device: layer after layer as {@link
 * ai.cacheblend.worker.kv.StoredKv#copyTo} writes them, little-endian, without padding.
 *
 * @param element number format on the device
 * @param encoding number format outside
 */
public record KvForm(KvShape shape, Element element, int tokenCount, KvEncoding encoding) {
  public KvForm {
    requireNonNull(shape, "shape is null");
    requireNonNull(element, "element is null");
    requireNonNull(encoding, "encoding is null");
    checkArgument(tokenCount >= 1, "tokenCount is %s, must be 1 or more", tokenCount);
    long layerByteCount = layerByteCount(shape, element, tokenCount, encoding);
    checkArgument(
        layerByteCount <= Integer.MAX_VALUE,
        "a layer of %s tokens has %s bytes, more than 2 GiB; use shorter chunks",
        tokenCount,
        layerByteCount);
  }

  private static long layerByteCount(
      KvShape shape, Element element, int tokenCount, KvEncoding encoding) {
    int headByteCount = encoding.headByteCount(shape.headSize(), element);
    return 2L * tokenCount * shape.kvHeadCount() * headByteCount;
  }

  public int layerCount() {
    return shape.layerCount();
  }

  /** Bytes of keys and values of one layer, with their scales. */
  public int layerByteCount() {
    return (int) layerByteCount(shape, element, tokenCount, encoding);
  }

  /** Bytes of all layers. */
  public long byteCount() {
    return (long) layerCount() * layerByteCount();
  }
}

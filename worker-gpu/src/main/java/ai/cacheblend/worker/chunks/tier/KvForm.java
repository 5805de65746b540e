package ai.cacheblend.worker.chunks.tier;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage.Element;

/**
 * Layout of a chunk's KV outside the device: {@code [layer][key, value][token][KV heads · head
 * size]}, little-endian, keys before rotation, without padding. It is the layout of a chunk on the
 * device, so a layer is copied as one run of bytes.
 */
public record KvForm(KvShape shape, Element element, int tokenCount) {
  public KvForm {
    requireNonNull(shape, "shape is null");
    requireNonNull(element, "element is null");
    checkArgument(tokenCount >= 1, "tokenCount is %s, must be 1 or more", tokenCount);
    long layerByteCount = 2L * tokenCount * shape.rowSize() * element.byteCount();
    checkArgument(
        layerByteCount <= Integer.MAX_VALUE,
        "a layer of %s tokens has %s bytes, more than 2 GiB; use shorter chunks",
        tokenCount,
        layerByteCount);
  }

  public int layerCount() {
    return shape.layerCount();
  }

  /** Bytes of the keys of one layer, and of its values. */
  public int tensorByteCount() {
    return layerByteCount() / 2;
  }

  /** Bytes of keys and values of one layer. */
  public int layerByteCount() {
    return 2 * tokenCount * shape.rowSize() * element.byteCount();
  }

  /** Bytes of all layers. */
  public long byteCount() {
    return (long) layerCount() * layerByteCount();
  }
}

package ai.cacheblend.worker.kv;

import static java.util.Objects.requireNonNull;

/**
 * Where KV lives, and what it is made of there.
 *
 * @param cudaOrdinal of the CUDA device; {@link #HOST}: the host's memory
 */
public record KvPlace(int cudaOrdinal, Element element) {
  private static final int HOST = -1;

  /** Number format of keys and values. */
  public enum Element {
    FP32(0),
    FP16(1),
    BF16(2);

    private final int number; // the native library's

    Element(int number) {
      this.number = number;
    }
  }

  public KvPlace {
    requireNonNull(element, "element is null");
    if (cudaOrdinal < HOST) {
      throw new IllegalArgumentException("cudaOrdinal is " + cudaOrdinal + ", must be 0 or more");
    }
    if (cudaOrdinal == HOST && element != Element.FP32) {
      throw new IllegalArgumentException("KV on the host is fp32, not " + element);
    }
  }

  /** The host's memory, in fp32. */
  public static KvPlace host() {
    return new KvPlace(HOST, Element.FP32);
  }

  public static KvPlace cuda(int ordinal, Element element) {
    return new KvPlace(ordinal, element);
  }

  /** Memory of the device as a whole, in bytes. */
  public MemoryFigures memory() {
    NativeLibrary.path();
    long[] figures = new long[2];
    Native.deviceMemory(cudaOrdinal, figures);
    return new MemoryFigures(figures[0], figures[1]);
  }

  /** Memory of a device. */
  public record MemoryFigures(long freeByteCount, long totalByteCount) {}

  int elementNumber() {
    return element.number;
  }
}

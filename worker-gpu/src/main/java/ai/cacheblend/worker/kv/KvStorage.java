package ai.cacheblend.worker.kv;

import static java.util.Objects.requireNonNull;

/**
 * The memory that holds KV, and the number format in it.
 *
 * @param cudaOrdinal CUDA device, or {@link #HOST}
 */
public record KvStorage(int cudaOrdinal, Element element) {
  private static final int HOST = -1;

  /** Number format of keys and values. */
  public enum Element {
    FP32(0, 4),
    FP16(1, 2),
    BF16(2, 2);

    private final int number; // ElementType of the native library
    private final int byteCount;

    Element(int number, int byteCount) {
      this.number = number;
      this.byteCount = byteCount;
    }

    public int byteCount() {
      return byteCount;
    }
  }

  public KvStorage {
    requireNonNull(element, "element is null");
    if (cudaOrdinal < HOST) {
      throw new IllegalArgumentException("cudaOrdinal is " + cudaOrdinal + ", must be 0 or more");
    }
    if (cudaOrdinal == HOST && element != Element.FP32) {
      throw new IllegalArgumentException("KV in host memory must be fp32, not " + element);
    }
  }

  /** Host memory, fp32. */
  public static KvStorage host() {
    return new KvStorage(HOST, Element.FP32);
  }

  public static KvStorage cuda(int ordinal, Element element) {
    return new KvStorage(ordinal, element);
  }

  /** Memory of the whole device; on the host, within the limits of the process's cgroups. */
  public DeviceMemory memory() {
    NativeLibrary.path();
    long[] byteCounts = new long[2];
    Native.deviceMemory(cudaOrdinal, byteCounts);
    return new DeviceMemory(byteCounts[0], byteCounts[1]);
  }

  public record DeviceMemory(long freeByteCount, long totalByteCount) {}

  int elementNumber() {
    return element.number;
  }
}

package ai.cacheblend.worker.kv;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Number format of KV below the device. */
public enum KvEncoding {
  /** The numbers of the device, unchanged. */
  NATIVE,
  /** E4M3 with one fp32 scale per row and KV head. */
  FP8,
  /** Symmetric 8-bit integers with one fp32 scale per row and KV head. */
  INT8;

  /** The name on the command line and in values: {@code native}, {@code fp8}, {@code int8}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The encoding of that name; {@link IllegalArgumentException} for an unknown one. */
  public static KvEncoding ofId(String id) {
    for (KvEncoding encoding : values()) {
      if (encoding.id().equals(id)) {
        return encoding;
      }
    }
    throw new IllegalArgumentException(
        "KV encoding is %s; use one of %s"
            .formatted(
                id, Arrays.stream(values()).map(KvEncoding::id).collect(Collectors.joining(", "))));
  }
}

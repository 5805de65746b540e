package ai.cacheblend.worker.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Number format of a tensor. */
public enum Dtype {
  FP32(4),
  FP16(2),
  BF16(2);

  private final int byteCount;

  Dtype(int byteCount) {
    this.byteCount = byteCount;
  }

  /** Bytes of one number. */
  public int byteCount() {
    return byteCount;
  }

  /** The name on the command line and in files: {@code fp32}, {@code fp16}, {@code bf16}. */
  @JsonValue
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The dtype of that name; {@link IllegalArgumentException} for an unknown one. */
  @JsonCreator
  public static Dtype ofId(String id) {
    for (Dtype dtype : values()) {
      if (dtype.id().equals(id)) {
        return dtype;
      }
    }
    throw new IllegalArgumentException(
        "dtype is %s, expected one of %s"
            .formatted(
                id, Arrays.stream(values()).map(Dtype::id).collect(Collectors.joining(", "))));
  }
}

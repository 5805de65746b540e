package ai.cacheblend.worker.model;

import com.google.common.primitives.ImmutableDoubleArray;

/** Logits of one row, by token id. */
public record Logits(ImmutableDoubleArray values) {
  public static Logits of(float... values) {
    ImmutableDoubleArray.Builder builder = ImmutableDoubleArray.builder(values.length);
    for (float value : values) {
      builder.add(value);
    }
    return new Logits(builder.build());
  }

  public double get(int tokenId) {
    return values.get(tokenId);
  }

  public int size() {
    return values.length();
  }
}

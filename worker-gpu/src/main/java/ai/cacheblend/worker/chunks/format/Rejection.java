package ai.cacheblend.worker.chunks.format;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.FormatMethod;

/**
 * A value that is not the chunk's.
 *
 * @param detail of the first difference, for the log
 */
public record Rejection(Kind kind, String detail) implements HeaderResult {
  /** What is wrong with the value. */
  public enum Kind {
    /** Its bytes are not those that were written. */
    CORRUPT,
    /** It is intact, but of another model, other tokens, or another form. */
    FOREIGN
  }

  public Rejection {
    requireNonNull(kind, "kind is null");
    requireNonNull(detail, "detail is null");
  }

  /** A layer of another size; 0 if it is absent. */
  public static Rejection wrongSize(int layer, int byteCount, int expectedByteCount) {
    return corrupt("layer %d has %d bytes, expected %d", layer, byteCount, expectedByteCount);
  }

  @FormatMethod
  static Rejection corrupt(String detail, Object... arguments) {
    return new Rejection(Kind.CORRUPT, detail.formatted(arguments));
  }

  @FormatMethod
  static Rejection foreign(String detail, Object... arguments) {
    return new Rejection(Kind.FOREIGN, detail.formatted(arguments));
  }
}

package ai.cacheblend.worker.export.weights;

import com.google.errorprone.annotations.Immutable;
import java.nio.ByteBuffer;

/** How numbers are encoded: alone, or a fixed number of them as one block of bytes. */
@Immutable
public interface BlockDecoder {

  /** Numbers per block. */
  int blockElements();

  /** Bytes per block. */
  int blockBytes();

  /**
   * Decodes one block.
   *
   * @param bytes little-endian
   * @param offset of the block in {@code bytes}
   * @param at index of the first number in {@code into}
   */
  void decode(ByteBuffer bytes, int offset, float[] into, int at);
}

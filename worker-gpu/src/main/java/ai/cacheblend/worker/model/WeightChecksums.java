package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Checksums of one block of the weights file.
 *
 * @param block name of the block
 * @param sha256 hex, over all bytes of the block; part of the model's fingerprint
 * @param pieceCrc32c hex, of each piece of {@link #PIECE_BYTES}; the last piece may be shorter
 */
public record WeightChecksums(String block, String sha256, List<String> pieceCrc32c) {

  /** A multiple of every dtype's size, and large enough that a piece is cheap to schedule. */
  public static final int PIECE_BYTES = 16 << 20;

  public WeightChecksums {
    requireNonNull(block, "block is null");
    requireNonNull(sha256, "sha256 is null");
    pieceCrc32c = List.copyOf(pieceCrc32c);
    checkArgument(!pieceCrc32c.isEmpty(), "%s has no checksums", block);
  }

  /** Pieces of a block of that size. */
  static long pieceCount(long byteCount) {
    return (byteCount + PIECE_BYTES - 1) / PIECE_BYTES;
  }
}

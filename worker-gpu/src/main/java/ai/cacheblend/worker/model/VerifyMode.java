package ai.cacheblend.worker.model;

/** How much of the weights file is compared with the checksums of the manifest. */
public enum VerifyMode {
  /** Every piece. */
  FULL,
  /** First and last piece of each block, and one of sixteen between them. */
  SAMPLE,
  OFF;

  private static final int SAMPLE_STRIDE = 16;

  boolean includes(int piece, int pieceCount) {
    return switch (this) {
      case FULL -> true;
      case SAMPLE -> piece % SAMPLE_STRIDE == 0 || piece == pieceCount - 1;
      case OFF -> false;
    };
  }
}

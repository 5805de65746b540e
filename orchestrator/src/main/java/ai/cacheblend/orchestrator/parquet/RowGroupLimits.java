package ai.cacheblend.orchestrator.parquet;

/**
 * What the pages of a row group may take in memory. A small damaged or hostile file can describe
 * pages of any size: runs and compression have no highest ratio.
 */
final class RowGroupLimits {
  private static final long MAX_POSITIONS = 1L << 26;

  /** Writers make pages of about 1 MiB. */
  private static final int MAX_PAGE_BYTES = 1 << 29;

  private static final long MAX_BYTES = 1L << 31;

  private long positions;
  private long bytes;

  /** Called before the positions of a page are allocated. */
  void addPositions(int count) throws ParquetException {
    positions += count;
    if (positions > MAX_POSITIONS) {
      throw new ParquetException(
          "a row group has more than %d values; write it with smaller row groups"
              .formatted(MAX_POSITIONS));
    }
  }

  /** Called before a page is decompressed. */
  void addBytes(int size) throws ParquetException {
    if (size > MAX_PAGE_BYTES) {
      throw new ParquetException("a page has %d bytes".formatted(size));
    }
    bytes += size;
    if (bytes > MAX_BYTES) {
      throw new ParquetException(
          "a row group has more than %d bytes; write it with smaller row groups"
              .formatted(MAX_BYTES));
    }
  }
}

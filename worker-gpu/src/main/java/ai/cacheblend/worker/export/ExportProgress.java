package ai.cacheblend.worker.export;

/** Receives progress and warnings of an export. */
@FunctionalInterface
public interface ExportProgress {

  ExportProgress NONE = (block, writtenBytes, totalBytes) -> {};

  /** Called after each piece of the weights, many times per second. */
  void written(String block, long writtenBytes, long totalBytes);

  /** Called for contradictions in the checkpoint that the export resolves. */
  default void warning(String message) {}
}

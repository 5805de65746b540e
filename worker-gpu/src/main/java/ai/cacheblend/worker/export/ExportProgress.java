package ai.cacheblend.worker.export;

/** Told of each piece of the weights that has been written, many times per second. */
@FunctionalInterface
public interface ExportProgress {

  ExportProgress NONE = (block, writtenBytes, totalBytes) -> {};

  void written(String block, long writtenBytes, long totalBytes);
}

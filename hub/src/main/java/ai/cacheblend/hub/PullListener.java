package ai.cacheblend.hub;

/** Is told how a download goes, by several threads. */
public interface PullListener {

  /**
   * A download begins.
   *
   * @param fileCount files that are not in the cache
   * @param totalBytes their size
   * @param presentBytes what earlier, interrupted downloads left of them
   */
  void started(Repository repository, int fileCount, long totalBytes, long presentBytes);

  /**
   * Bytes arrived.
   *
   * @param bytes negative if what had arrived was dropped
   */
  void received(long bytes);

  /** All files are in the snapshot. */
  void finished(Snapshot snapshot, int fileCount, long totalBytes);

  /** Something that explains a delay, or a warning; one line. */
  void message(String line);

  /** Listens to nothing. */
  static PullListener none() {
    return new PullListener() {
      @Override
      public void started(
          Repository repository, int fileCount, long totalBytes, long presentBytes) {}

      @Override
      public void received(long bytes) {}

      @Override
      public void finished(Snapshot snapshot, int fileCount, long totalBytes) {}

      @Override
      public void message(String line) {}
    };
  }
}

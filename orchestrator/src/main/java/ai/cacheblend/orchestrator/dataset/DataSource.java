package ai.cacheblend.orchestrator.dataset;

import java.util.function.Predicate;

/** The records of a data set: one file, or several that belong together. */
interface DataSource {
  /** For messages and results. */
  String name();

  /** Identifies the content: SHA-256, hex. */
  String sha256();

  /** Passes records to {@code consumer} in order until it returns false. */
  void readRecords(Predicate<DataRecord> consumer);
}

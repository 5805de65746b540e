package ai.cacheblend.orchestrator.dataset;

import ai.cacheblend.orchestrator.parquet.ParquetException;
import ai.cacheblend.orchestrator.parquet.ParquetFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Rows of a Parquet file. */
final class ParquetRecords {
  private ParquetRecords() {}

  static void read(Path file, Predicate<DataRecord> consumer) throws IOException {
    AtomicInteger next = new AtomicInteger();
    try {
      ParquetFile.read(
          file,
          row -> {
            int index = next.getAndIncrement();
            String where = "%s: item %d".formatted(file, index + 1);
            return consumer.test(new DataRecord(row, where, index));
          });
    } catch (ParquetException e) {
      throw new DatasetException(
          "%s: item %d cannot be read: %s; download the file again, or convert it to JSONL"
              .formatted(file, next.get() + 1, OneLine.of(e)),
          e);
    }
  }
}

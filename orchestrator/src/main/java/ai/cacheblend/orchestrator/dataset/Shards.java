package ai.cacheblend.orchestrator.dataset;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Numbered files that hold the records of a split one after the other. */
record Shards(List<DataFile> files) implements DataSource {
  Shards {
    files = List.copyOf(files);
    if (files.isEmpty()) {
      throw new IllegalArgumentException("files are empty; give one or more");
    }
  }

  /** That of the first file, and how many follow. */
  @Override
  public String name() {
    return files.get(0).name() + (files.size() == 1 ? "" : " and " + (files.size() - 1) + " more");
  }

  /** The hash of one file, or the hash of the hashes of several. */
  @Override
  public String sha256() {
    if (files.size() == 1) {
      return files.get(0).sha256();
    }
    Hasher hasher = Hashing.sha256().newHasher();
    files.forEach(file -> hasher.putString(file.sha256(), StandardCharsets.US_ASCII));
    return hasher.hash().toString();
  }

  @Override
  public void readRecords(Predicate<DataRecord> consumer) {
    AtomicInteger index = new AtomicInteger();
    for (DataFile file : files) {
      boolean[] more = {true};
      file.readRecords(
          record -> {
            more[0] =
                consumer.test(
                    new DataRecord(record.fields(), record.where(), index.getAndIncrement()));
            return more[0];
          });
      if (!more[0]) {
        return;
      }
    }
  }
}

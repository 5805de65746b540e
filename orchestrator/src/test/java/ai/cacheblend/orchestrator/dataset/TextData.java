package ai.cacheblend.orchestrator.dataset;

import com.google.common.io.ByteSource;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A data file in memory, by the name of {@code items.json}. */
record TextData(String content) {
  QualityTask load(DatasetOptions options) {
    return load(ByteSource.wrap(content.getBytes(StandardCharsets.UTF_8)), options);
  }

  static QualityTask load(ByteSource bytes, DatasetOptions options) {
    return new TaskLoader(
            new DataFile("items.json", bytes, Optional.empty()),
            "/data/items.json",
            Optional.empty(),
            options,
            Optional::empty)
        .load();
  }
}

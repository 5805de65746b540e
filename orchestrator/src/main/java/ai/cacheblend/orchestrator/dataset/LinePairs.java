package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.hash.Hashing;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/**
 * Multi-News as its authors publish it: line n of one file holds the documents, line n of the other
 * their summary. {@code NEWLINE_CHAR} stands for a line break.
 */
record LinePairs(DataFile documents, DataFile summaries) implements DataSource {
  private static final JsonMapper MAPPER = new JsonMapper();

  @Override
  public String name() {
    return documents.name();
  }

  @Override
  public String sha256() {
    return Hashing.sha256()
        .newHasher()
        .putString(documents.sha256(), StandardCharsets.US_ASCII)
        .putString(summaries.sha256(), StandardCharsets.US_ASCII)
        .hash()
        .toString();
  }

  @Override
  public void readRecords(Predicate<DataRecord> consumer) {
    try (BufferedReader first = lines(documents);
        BufferedReader second = lines(summaries)) {
      for (int index = 0; ; index++) {
        String document = first.readLine();
        String summary = second.readLine();
        if (document == null && summary == null) {
          return;
        }
        if (document == null || summary == null) {
          throw new DatasetException(
              "%s and %s have different numbers of lines; download them again"
                  .formatted(documents.name(), summaries.name()));
        }
        ObjectNode fields = MAPPER.createObjectNode();
        fields.put("document", document.strip().replace("NEWLINE_CHAR", "\n"));
        fields.put("summary", summary.strip());
        String where = "%s: line %d".formatted(documents.name(), index + 1);
        if (!consumer.test(new DataRecord(fields, where, index))) {
          return;
        }
      }
    } catch (IOException e) {
      throw new DatasetException(
          "Data file %s cannot be read: %s".formatted(documents.name(), OneLine.of(e)), e);
    }
  }

  private static BufferedReader lines(DataFile file) throws IOException {
    return file.bytes().asCharSource(StandardCharsets.UTF_8).openBufferedStream();
  }
}

package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Records of a CSV file with a header line. */
final class CsvRecords {
  private static final JsonMapper MAPPER = new JsonMapper();

  private CsvRecords() {}

  static void read(DataFile file, Predicate<DataRecord> consumer) throws IOException {
    // A decoder fails on bytes that are not UTF-8; a charset would replace them.
    try (InputStream in = file.bytes().openStream();
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()))) {
      read(file, new CsvReader(file.name(), reader), consumer);
    } catch (CharacterCodingException e) {
      throw new DatasetException(
          "%s: neither JSON nor text in UTF-8; pass a JSON, JSONL or CSV file"
              .formatted(file.name()),
          e);
    }
  }

  private static void read(DataFile file, CsvReader rows, Predicate<DataRecord> consumer)
      throws IOException {
    List<String> header = rows.next().orElse(List.of());
    if (!header.contains("dialogue") || !header.contains("summary")) {
      throw new DatasetException(
          ("%s: line 1: neither JSON nor a CSV header with the columns dialogue and summary;"
                  + " the CSV that is read is SAMSum's")
              .formatted(file.name()));
    }
    int index = 0;
    int line = rows.line();
    for (Optional<List<String>> row = rows.next(); row.isPresent(); row = rows.next()) {
      List<String> values = row.get();
      String where = "%s: item %d (line %d)".formatted(file.name(), index + 1, line);
      line = rows.line();
      if (values.size() == 1 && values.get(0).isEmpty()) {
        continue;
      }
      if (values.size() != header.size()) {
        throw new DatasetException(
            "%s: %d values where the header has %d columns; quote values that hold commas"
                .formatted(where, values.size(), header.size()));
      }
      ObjectNode fields = MAPPER.createObjectNode();
      for (int column = 0; column < header.size(); column++) {
        fields.put(header.get(column), values.get(column));
      }
      if (!consumer.test(new DataRecord(fields, where, index++))) {
        return;
      }
    }
  }
}

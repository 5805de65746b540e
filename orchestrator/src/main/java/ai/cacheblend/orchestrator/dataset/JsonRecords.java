package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Predicate;

/** Records of one JSON array, or of objects one after the other (JSONL). */
final class JsonRecords {
  /** Python's json module writes NaN and Infinity, which may stand in fields that are not read. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private JsonRecords() {}

  static void read(DataFile file, Predicate<DataRecord> consumer) throws IOException {
    try (InputStream in = file.bytes().openBufferedStream();
        JsonParser parser = MAPPER.createParser(in)) {
      read(file, parser, consumer);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new DatasetException(
          "%s: line %d: not JSON (%s); pass a whole JSON array, or one object per line"
              .formatted(file.name(), line, OneLine.of(e.getOriginalMessage())),
          e);
    }
  }

  private static void read(DataFile file, JsonParser parser, Predicate<DataRecord> consumer)
      throws IOException {
    boolean array = parser.nextToken() == JsonToken.START_ARRAY;
    if (array) {
      parser.nextToken();
    }
    JsonToken end = array ? JsonToken.END_ARRAY : null;
    for (int index = 0; parser.currentToken() != end; index++) {
      String where =
          "%s: item %d (line %d)"
              .formatted(file.name(), index + 1, parser.currentTokenLocation().getLineNr());
      JsonNode node = parser.readValueAsTree();
      if (!(node instanceof ObjectNode fields)) {
        throw new DatasetException(where + ": expected a JSON object per item");
      }
      if (!consumer.test(new DataRecord(fields, where, index))) {
        return;
      }
      parser.nextToken();
    }
  }
}

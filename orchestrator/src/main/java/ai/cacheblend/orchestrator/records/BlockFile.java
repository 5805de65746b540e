package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A file of one row per line, in which one or more rows form a block. */
abstract class BlockFile<B extends Block> {

  /** A block and its rows. */
  record Entry<B>(B block, List<JsonValue> rows) {}

  /**
   * Content of a file.
   *
   * @param tornCount 1 if the last line is incomplete because the process was killed, else 0
   */
  record Content<B>(List<Entry<B>> entries, int tornCount) {
    List<B> blocks() {
      return entries.stream().map(Entry::block).toList();
    }
  }

  abstract String name();

  /** The rows of a block. */
  abstract List<ObjectNode> rows(B block);

  /** Equal for the rows of one block, different for all other rows. */
  abstract Object blockKey(JsonValue row);

  /** The block of {@code rows}, which have one key. */
  abstract B block(List<JsonValue> rows);

  Content<B> read(Path folder) {
    JsonLines.Content content = JsonLines.read(folder.resolve(name()));
    Map<Object, List<JsonValue>> byBlock = new LinkedHashMap<>();
    content
        .values()
        .forEach(row -> byBlock.computeIfAbsent(blockKey(row), k -> new ArrayList<>()).add(row));
    List<Entry<B>> entries = new ArrayList<>();
    byBlock.values().forEach(rows -> entries.add(new Entry<>(checked(rows), rows)));
    return new Content<>(entries, content.tornCount());
  }

  private B checked(List<JsonValue> rows) {
    try {
      return block(rows);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new RecordException(
          rows.get(0).place() + " has an invalid block: " + e.getMessage() + "; remove its rows");
    }
  }
}

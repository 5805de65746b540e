package ai.cacheblend.orchestrator.dataset;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The known formats. */
final class ItemFormats {
  private static final List<ItemFormat> ALL =
      List.of(
          new ContextsFormat(),
          new DialogueFormat(),
          new MultiNewsFormat(),
          new MusiqueFormat(),
          new LongBenchFormat(),
          new TwoWikiFormat());

  private ItemFormats() {}

  /** The format of a file, by its first record. */
  static ItemFormat of(DataRecord first) {
    return ALL.stream()
        .filter(format -> format.matches(first.fields()))
        .findFirst()
        .orElseThrow(
            () ->
                new DatasetException(
                    "%s: the fields %s are of no known format; known are %s"
                        .formatted(
                            first.where(),
                            first.fields().properties().stream()
                                .map(Map.Entry::getKey)
                                .limit(12)
                                .toList(),
                            ALL.stream()
                                .map(ItemFormat::description)
                                .collect(Collectors.joining("; ")))));
  }
}

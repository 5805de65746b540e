package ai.cacheblend.orchestrator.dataset;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** SAMSum's own format; its CSV has the same fields. */
final class DialogueFormat implements ItemFormat {
  @Override
  public String description() {
    return "SAMSum (id, dialogue, summary)";
  }

  @Override
  public boolean matches(ObjectNode fields) {
    return fields.has("dialogue");
  }

  @Override
  public Optional<String> datasetName(ObjectNode fields) {
    return Optional.of("samsum");
  }

  @Override
  public Item read(DataRecord record) {
    return new Item.Dialogue(
        record.id("id"),
        record.text("dialogue").replace("\r\n", "\n").strip(),
        record.text("summary").replace("\r\n", "\n").strip());
  }
}

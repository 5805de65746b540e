package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.Selector.ChunkHeadRows;
import ai.cacheblend.orchestrator.plan.Selector.ChunkHeadShare;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/**
 * {@code chunk-head@0.15} or {@code chunk-head:k=16}; {@code {"recompute_ratio": 0.15}} or {@code
 * {"rows_per_chunk": 16}}.
 */
final class ChunkHeadForm implements SelectorForm {
  private static final String NAME = "chunk-head";

  @Override
  public String usage() {
    return "chunk-head[@SHARE|:k=ROWS]";
  }

  @Override
  public Selector parse(ArmText text, ArmDefaults defaults) {
    if (text.options().isEmpty()) {
      return new ChunkHeadShare(Shares.parse(text, defaults));
    }
    require(text.shares().isEmpty(), "arm is '" + text + "'; give @SHARE or :k=ROWS, not both");
    return new ChunkHeadRows((int) Shares.wholeOption(text, "k"));
  }

  @Override
  public ArmText print(Selector selector, ArmDefaults defaults) {
    return selector instanceof ChunkHeadRows head
        ? new ArmText(NAME).with("k", Integer.toString(head.rowsPerChunk()))
        : new ArmText(NAME, Shares.print(((ChunkHeadShare) selector).recomputeRatio()));
  }

  @Override
  public Set<String> fields() {
    return Set.of("recompute_ratio", "rows_per_chunk");
  }

  @Override
  public Selector read(JsonFields json, ArmDefaults defaults) {
    if (!json.has("rows_per_chunk")) {
      return new ChunkHeadShare(json.number("recompute_ratio", defaults.recomputeRatio()));
    }
    require(!json.has("recompute_ratio"), "rows_per_chunk replaces recompute_ratio; leave one out");
    return new ChunkHeadRows(json.count("rows_per_chunk"));
  }

  @Override
  public void write(Selector selector, ObjectNode json) {
    if (selector instanceof ChunkHeadRows head) {
      json.put("rows_per_chunk", head.rowsPerChunk());
    } else {
      json.put("recompute_ratio", ((ChunkHeadShare) selector).recomputeRatio());
    }
  }
}

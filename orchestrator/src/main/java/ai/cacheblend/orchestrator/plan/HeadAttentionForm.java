package ai.cacheblend.orchestrator.plan;

import ai.cacheblend.orchestrator.plan.Selector.HeadAttention;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** {@code head-attn@0.15:layers=8-31}; {@code {"recompute_ratio": 0.15, "attn_layers": [8, 9]}}. */
final class HeadAttentionForm implements SelectorForm {
  @Override
  public String usage() {
    return "head-attn[@SHARE][:layers=8-31]";
  }

  @Override
  public Selector parse(ArmText text, ArmDefaults defaults) {
    text.requireOptions(LayerSet.OPTION);
    return new HeadAttention(Shares.parse(text, defaults), LayerSet.parse(text));
  }

  @Override
  public ArmText print(Selector selector, ArmDefaults defaults) {
    HeadAttention head = (HeadAttention) selector;
    return LayerSet.print(
        head.layers(), new ArmText("head-attn", Shares.print(head.recomputeRatio())));
  }

  @Override
  public Set<String> fields() {
    return Set.of("recompute_ratio", LayerSet.FIELD);
  }

  @Override
  public Selector read(JsonFields json, ArmDefaults defaults) {
    return new HeadAttention(
        json.number("recompute_ratio", defaults.recomputeRatio()), LayerSet.read(json));
  }

  @Override
  public void write(Selector selector, ObjectNode json) {
    HeadAttention head = (HeadAttention) selector;
    json.put("recompute_ratio", head.recomputeRatio());
    LayerSet.write(head.layers(), json);
  }
}

package ai.cacheblend.orchestrator.plan;

import ai.cacheblend.orchestrator.plan.Selector.QueryAttention;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/**
 * {@code query-attn@0.15:expand:layers=8-31}; {@code {"recompute_ratio": 0.15, "expand": true,
 * "attn_layers": [8, 9]}}.
 */
final class QueryAttentionForm implements SelectorForm {
  private static final String EXPAND = "expand";

  @Override
  public String usage() {
    return "query-attn[@SHARE][:expand][:layers=8-31]";
  }

  @Override
  public Selector parse(ArmText text, ArmDefaults defaults) {
    text.requireOptions(EXPAND, LayerSet.OPTION);
    return new QueryAttention(
        Shares.parse(text, defaults), text.flag(EXPAND), LayerSet.parse(text));
  }

  @Override
  public ArmText print(Selector selector, ArmDefaults defaults) {
    QueryAttention query = (QueryAttention) selector;
    ArmText text = new ArmText("query-attn", Shares.print(query.recomputeRatio()));
    return LayerSet.print(query.layers(), query.expand() ? text.with(EXPAND, "") : text);
  }

  @Override
  public Set<String> fields() {
    return Set.of("recompute_ratio", EXPAND, LayerSet.FIELD);
  }

  @Override
  public Selector read(JsonFields json, ArmDefaults defaults) {
    return new QueryAttention(
        json.number("recompute_ratio", defaults.recomputeRatio()),
        json.bool(EXPAND, false),
        LayerSet.read(json));
  }

  @Override
  public void write(Selector selector, ObjectNode json) {
    QueryAttention query = (QueryAttention) selector;
    json.put("recompute_ratio", query.recomputeRatio());
    json.put(EXPAND, query.expand());
    LayerSet.write(query.layers(), json);
  }
}

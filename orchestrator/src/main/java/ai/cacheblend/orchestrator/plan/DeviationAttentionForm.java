package ai.cacheblend.orchestrator.plan;

import ai.cacheblend.orchestrator.plan.Selector.Deviation;
import ai.cacheblend.orchestrator.plan.Selector.DeviationAttention;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.Sets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** As {@link DeviationForm}, with the layers whose attention counts. */
final class DeviationAttentionForm implements SelectorForm {
  private static final String NAME = "deviation-x-attn";
  private static final DeviationForm DEVIATION = new DeviationForm();

  @Override
  public String usage() {
    return NAME + "[@SHARE|@LAYER=SHARE,...][:value|:key][:layers=8-31]";
  }

  @Override
  public Selector parse(ArmText text, ArmDefaults defaults) {
    text.requireOptions("value", "key", LayerSet.OPTION);
    Map<String, String> options = new LinkedHashMap<>(text.options());
    options.remove(LayerSet.OPTION);
    ArmText deviation = new ArmText(text.name(), text.shares(), options);
    return new DeviationAttention(
        (Deviation) DEVIATION.parse(deviation, defaults), LayerSet.parse(text));
  }

  @Override
  public ArmText print(Selector selector, ArmDefaults defaults) {
    DeviationAttention product = (DeviationAttention) selector;
    ArmText deviation = DEVIATION.print(product.deviation(), defaults);
    return LayerSet.print(
        product.layers(), new ArmText(NAME, deviation.shares(), deviation.options()));
  }

  @Override
  public Set<String> fields() {
    return Sets.union(DEVIATION.fields(), Set.of(LayerSet.FIELD));
  }

  @Override
  public Selector read(JsonFields json, ArmDefaults defaults) {
    return new DeviationAttention((Deviation) DEVIATION.read(json, defaults), LayerSet.read(json));
  }

  @Override
  public void write(Selector selector, ObjectNode json) {
    DeviationAttention product = (DeviationAttention) selector;
    DEVIATION.write(product.deviation(), json);
    LayerSet.write(product.layers(), json);
  }
}

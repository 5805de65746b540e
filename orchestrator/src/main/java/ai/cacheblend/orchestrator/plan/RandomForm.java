package ai.cacheblend.orchestrator.plan;

import ai.cacheblend.orchestrator.plan.Selector.RandomRows;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;

/** {@code random@0.15:seed=7}; {@code {"recompute_ratio": 0.15, "seed": 7}}. */
final class RandomForm implements SelectorForm {
  @Override
  public String usage() {
    return "random[@SHARE][:seed=N]";
  }

  @Override
  public Selector parse(ArmText text, ArmDefaults defaults) {
    return new RandomRows(
        Shares.parse(text, defaults),
        text.options().isEmpty() ? defaults.seed() : Shares.wholeOption(text, "seed"));
  }

  @Override
  public ArmText print(Selector selector, ArmDefaults defaults) {
    RandomRows random = (RandomRows) selector;
    ArmText text = new ArmText("random", Shares.print(random.recomputeRatio()));
    return random.seed() == defaults.seed()
        ? text
        : text.with("seed", Long.toString(random.seed()));
  }

  @Override
  public Set<String> fields() {
    return Set.of("recompute_ratio", "seed");
  }

  @Override
  public Selector read(JsonFields json, ArmDefaults defaults) {
    return new RandomRows(
        json.number("recompute_ratio", defaults.recomputeRatio()),
        json.integer("seed", defaults.seed()));
  }

  @Override
  public void write(Selector selector, ObjectNode json) {
    RandomRows random = (RandomRows) selector;
    json.put("recompute_ratio", random.recomputeRatio());
    json.put("seed", random.seed());
  }
}

package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import ai.cacheblend.orchestrator.plan.Selector.Deviation;
import ai.cacheblend.orchestrator.plan.Selector.Tensor;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** {@code cacheblend@0.15:key}; {@code {"deviation": "k", "schedule": {"1": 0.15}}}. */
final class DeviationForm implements SelectorForm {
  @Override
  public String usage() {
    return "cacheblend[@SHARE|@LAYER=SHARE,...][:value|:key]";
  }

  @Override
  public Selector parse(ArmText text, ArmDefaults defaults) {
    return new Deviation(
        tensor(text, defaults),
        text.shares()
            .map(shares -> CheckStep.parse(shares, defaults.firstCheckLayer()))
            .orElse(defaults.schedule()));
  }

  private static Tensor tensor(ArmText text, ArmDefaults defaults) {
    if (text.options().isEmpty()) {
      return defaults.tensor();
    }
    Set<String> options = text.options().keySet();
    require(
        options.equals(Set.of("value")) || options.equals(Set.of("key")),
        "arm is '" + text + "'; write value or key after the colon");
    return options.contains("key") ? Tensor.KEY : Tensor.VALUE;
  }

  @Override
  public ArmText print(Selector selector, ArmDefaults defaults) {
    Deviation deviation = (Deviation) selector;
    ArmText text =
        new ArmText(
            "cacheblend", CheckStep.print(deviation.schedule(), defaults.firstCheckLayer()));
    return deviation.tensor() == defaults.tensor()
        ? text
        : text.with(deviation.tensor().name().toLowerCase(Locale.ROOT), "");
  }

  @Override
  public Set<String> fields() {
    return Set.of("deviation", "recompute_ratio", "check_layer", "schedule");
  }

  @Override
  public Selector read(JsonFields json, ArmDefaults defaults) {
    return new Deviation(tensor(json, defaults), schedule(json, defaults));
  }

  private static Tensor tensor(JsonFields json, ArmDefaults defaults) {
    String deviation = json.string("deviation", letter(defaults.tensor()));
    return switch (deviation) {
      case "v" -> Tensor.VALUE;
      case "k" -> Tensor.KEY;
      default -> throw new PlanException("deviation is '" + deviation + "'; use v or k");
    };
  }

  private static String letter(Tensor tensor) {
    return switch (tensor) {
      case VALUE -> "v";
      case KEY -> "k";
    };
  }

  private static List<CheckStep> schedule(JsonFields json, ArmDefaults defaults) {
    if (!json.has("schedule")) {
      return json.has("recompute_ratio") || json.has("check_layer")
          ? List.of(
              new CheckStep(
                  layer(json.integer("check_layer", defaults.firstCheckLayer())),
                  json.number("recompute_ratio", defaults.recomputeRatio())))
          : defaults.schedule();
    }
    require(
        !json.has("recompute_ratio") && !json.has("check_layer"),
        "schedule replaces recompute_ratio and check_layer; leave them out");
    List<CheckStep> steps = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : json.object("schedule").properties()) {
      require(
          entry.getKey().matches("-?\\d{1,9}") && entry.getValue().isNumber(),
          "schedule has '" + entry.getKey() + "': " + entry.getValue() + "; write LAYER: SHARE");
      steps.add(
          new CheckStep(layer(Long.parseLong(entry.getKey())), entry.getValue().doubleValue()));
    }
    steps.sort(Comparator.comparingInt(CheckStep::layer));
    return steps;
  }

  private static int layer(long layer) {
    require(layer == (int) layer, "check_layer is " + layer + "; use a layer of the model");
    return (int) layer;
  }

  @Override
  public void write(Selector selector, ObjectNode json) {
    Deviation deviation = (Deviation) selector;
    json.put("deviation", letter(deviation.tensor()));
    ObjectNode schedule = json.putObject("schedule");
    for (CheckStep step : deviation.schedule()) {
      schedule.put(Integer.toString(step.layer()), step.share());
    }
  }
}

package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.base.Splitter;
import com.google.common.primitives.ImmutableIntArray;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** Layers whose attention counts: {@code 8-31} or {@code 8,12,20-25}; no layers stand for all. */
final class LayerSet {
  static final String OPTION = "layers";
  static final String FIELD = "attn_layers";

  private static final int MAX_LAYER = 9_999;

  private LayerSet() {}

  /** A copy of {@code layers}, which must ascend. */
  static List<Integer> check(List<Integer> layers) {
    for (int i = 0; i < layers.size(); i++) {
      require(
          layers.get(i) >= 0 && (i == 0 || layers.get(i - 1) < layers.get(i)),
          "attention layers are " + layers + "; list layers of the model, ascending");
    }
    return List.copyOf(layers);
  }

  /** The value of the option; all layers if it is absent. */
  static List<Integer> parse(ArmText text) {
    if (!text.options().containsKey(OPTION)) {
      return List.of();
    }
    List<Integer> layers = new ArrayList<>();
    for (String piece : Splitter.on(',').split(text.options().get(OPTION))) {
      require(
          piece.matches("\\d{1,4}(-\\d{1,4})?"),
          "arm is '" + text + "'; write layers as 8-31 or 8,12,20-25");
      int dash = piece.indexOf('-');
      int first = Integer.parseInt(dash < 0 ? piece : piece.substring(0, dash));
      int last = dash < 0 ? first : Integer.parseInt(piece.substring(dash + 1));
      require(
          first <= last && last <= MAX_LAYER,
          "arm is '" + text + "'; layers " + piece + " must ascend");
      for (int layer = first; layer <= last; layer++) {
        layers.add(layer);
      }
    }
    return check(layers);
  }

  /** {@code text} with the option for which {@link #parse} returns {@code layers}. */
  static ArmText print(List<Integer> layers, ArmText text) {
    if (layers.isEmpty()) {
      return text;
    }
    StringJoiner pieces = new StringJoiner(",");
    for (int i = 0; i < layers.size(); ) {
      int end = i + 1;
      while (end < layers.size() && layers.get(end) == layers.get(end - 1) + 1) {
        end++;
      }
      int first = layers.get(i);
      int last = layers.get(end - 1);
      pieces.add(first == last ? Integer.toString(first) : first + "-" + last);
      i = end;
    }
    return text.with(OPTION, pieces.toString());
  }

  static List<Integer> read(JsonFields json) {
    ImmutableIntArray layers = json.ids(FIELD);
    return check(layers.asList());
  }

  static void write(List<Integer> layers, ObjectNode json) {
    if (!layers.isEmpty()) {
      layers.forEach(json.putArray(FIELD)::add);
    }
  }
}

package ai.cacheblend.worker.engine;

import ai.cacheblend.worker.model.Logits;
import java.util.ArrayList;
import java.util.List;

/** The tokens with the highest logits. */
final class TopTokens {
  private TopTokens() {}

  /** In descending order, each value reduced by {@code subtract}; ties go to the lower id. */
  static List<TokenValue> of(Logits logits, int count, double subtract) {
    if (count == 0) {
      return List.of();
    }
    double[] values = new double[logits.size()];
    for (int id = 0; id < values.length; id++) {
      values[id] = logits.get(id);
    }
    DescendingIds ids = new DescendingIds(values);
    List<TokenValue> top = new ArrayList<>(count);
    while (top.size() < count && ids.hasNext()) {
      int id = ids.next();
      top.add(new TokenValue(id, values[id] - subtract));
    }
    return top;
  }
}

package ai.cacheblend.orchestrator.plan;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The metric for the answers of a data set. */
public enum MetricKind {
  WORD_F1,
  ROUGE_L;

  /** The name in prompt templates. */
  String jsonName() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<MetricKind> ofJson(String name) {
    return Arrays.stream(values()).filter(kind -> kind.jsonName().equals(name)).findFirst();
  }

  static List<String> jsonNames() {
    return Arrays.stream(values()).map(MetricKind::jsonName).toList();
  }
}

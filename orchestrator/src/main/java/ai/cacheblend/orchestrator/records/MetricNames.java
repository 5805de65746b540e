package ai.cacheblend.orchestrator.records;

/** Labels of metrics. */
public final class MetricNames {
  private MetricNames() {}

  /** The display name of a metric; its identifier if there is none. */
  public static String label(String metric) {
    if (metric.startsWith("word_f1")) {
      return "word F1";
    }
    if (metric.startsWith("token_f1")) {
      return "token F1";
    }
    if (metric.startsWith("set_f1")) {
      return "set F1";
    }
    return metric.startsWith("rouge_l") ? "ROUGE-L" : metric.replace('_', ' ');
  }
}

package ai.cacheblend.orchestrator.records;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A finished quality run.
 *
 * @param metric the headline metric
 * @param samples in the order of {@code samples.jsonl}, with invalid samples
 * @param gate empty unless the run is a gate
 */
public record QualityResult(
    RunHeader header,
    String dataset,
    String metric,
    QualitySummary summary,
    List<Sample> samples,
    List<Example> examples,
    Optional<GateDecision> gate)
    implements Result {
  public QualityResult {
    samples = List.copyOf(samples);
    examples = List.copyOf(examples);
  }

  /** Maximum chunk length; empty if documents were not split. */
  public Optional<Integer> chunkTokens() {
    return Optional.of(header.plan().path("chunk_tokens"))
        .filter(JsonNode::isInt)
        .map(JsonNode::asInt);
  }

  public Map<String, QualitySummary.Arm> arms() {
    return summary.arms();
  }
}

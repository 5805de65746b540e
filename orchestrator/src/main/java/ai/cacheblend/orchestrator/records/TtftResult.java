package ai.cacheblend.orchestrator.records;

import java.util.List;
import java.util.Optional;

/**
 * A finished TTFT run.
 *
 * @param trials in the order of {@code trials.jsonl}, with warm-up and invalid trials
 */
public record TtftResult(
    RunHeader header, TtftSummary summary, List<Trial> trials, List<Example> examples)
    implements Result {
  public TtftResult {
    trials = List.copyOf(trials);
    examples = List.copyOf(examples);
  }

  public List<TtftSummary.Row> rows() {
    return summary.rows();
  }

  /** Statistics of one length; empty if the run does not have the length. */
  public Optional<TtftSummary.Row> row(int length) {
    return rows().stream().filter(row -> row.length() == length).findFirst();
  }

  /** Measured trials of one length, valid or not. */
  public List<Trial> measured(int length) {
    return trials.stream().filter(t -> t.measured() && t.length() == length).toList();
  }
}

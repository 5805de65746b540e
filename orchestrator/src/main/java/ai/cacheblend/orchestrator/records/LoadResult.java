package ai.cacheblend.orchestrator.records;

import java.util.List;

/**
 * A finished load run.
 *
 * @param slices all complete slices, by level
 */
public record LoadResult(RunHeader header, LoadSummary summary, List<LoadSlice> slices)
    implements Result {
  public LoadResult {
    slices = List.copyOf(slices);
  }

  /** The prompts of a load run have no examples. */
  @Override
  public List<Example> examples() {
    return List.of();
  }
}

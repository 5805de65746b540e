package ai.cacheblend.orchestrator.records;

import java.util.List;

/** A finished run, read from its folder. */
public sealed interface Result permits TtftResult, QualityResult, SweepResult, LoadResult {
  RunHeader header();

  /** Example prompts; empty if the run recorded none. */
  List<Example> examples();
}

package ai.cacheblend.orchestrator.records;

import java.util.List;

/** A finished run. */
public sealed interface Run permits TtftRun, QualityRun, SweepRun {
  RunFacts facts();

  /** Which rows of example prompts were recomputed; empty if the run recorded none. */
  List<Example> examples();
}

package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.records.LoadSlice;

/** Receives the events of a load run, on its thread, between requests that are timed. */
public interface LoadListener {

  /** A slice begins; {@code counts} change while it runs. */
  default void began(LoadSlice.Key key, LiveCounts counts) {}

  /** A slice has ended. */
  default void ended(LoadSlice slice) {}
}

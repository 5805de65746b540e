package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadSlice;
import ai.cacheblend.orchestrator.records.Phase;
import java.util.OptionalLong;

/** When the requests of a slice are due. Each request that is due is taken exactly once. */
interface Schedule {

  /** The moment of the next request; empty if it depends on the end of another one, or if none. */
  OptionalLong due();

  /** Whether no further request will be due. */
  boolean exhausted();

  /** Takes the next request, which must be due. Returns its phase. */
  Phase take();

  /** A request has ended. */
  void ended(LoadRequest request);

  /** The window of the slice, when the schedule is exhausted. */
  LoadSlice.Window window();
}

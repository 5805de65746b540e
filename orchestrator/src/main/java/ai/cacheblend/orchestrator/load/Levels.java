package ai.cacheblend.orchestrator.load;

import ai.cacheblend.orchestrator.plan.LoadPoint;
import ai.cacheblend.orchestrator.plan.NamedArm;
import ai.cacheblend.orchestrator.records.LoadSlice;
import java.util.List;
import java.util.function.Function;

/** The levels of a load run. */
interface Levels {

  /**
   * The load of each arm at a level.
   *
   * @param level index, from 0
   * @param ended slices of other levels so far
   */
  Function<NamedArm, LoadPoint> points(int level, List<LoadSlice> ended);
}

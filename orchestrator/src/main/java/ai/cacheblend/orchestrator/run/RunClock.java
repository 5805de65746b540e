package ai.cacheblend.orchestrator.run;

import com.google.common.base.Ticker;
import java.time.InstantSource;

/**
 * The two clocks of a run.
 *
 * @param ticker for durations
 * @param wall for time stamps in records
 */
public record RunClock(Ticker ticker, InstantSource wall) {
  public static RunClock system() {
    return new RunClock(Ticker.systemTicker(), InstantSource.system());
  }
}

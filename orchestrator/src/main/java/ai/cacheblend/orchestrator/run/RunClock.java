package ai.cacheblend.orchestrator.run;

import ai.cacheblend.host.HostMeter;
import com.google.common.base.Ticker;
import java.time.InstantSource;

/**
 * The clocks of a run and the meter of its machine.
 *
 * @param ticker for durations
 * @param wall for time stamps in records
 * @param meter of the machine whose time {@code ticker} measures
 */
public record RunClock(Ticker ticker, InstantSource wall, HostMeter meter) {

  /** Without a meter, for virtual clocks. */
  public RunClock(Ticker ticker, InstantSource wall) {
    this(ticker, wall, HostMeter.none());
  }

  public static RunClock system() {
    return new RunClock(Ticker.systemTicker(), InstantSource.system(), HostMeter.system());
  }
}

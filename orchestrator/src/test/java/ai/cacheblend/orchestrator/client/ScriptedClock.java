package ai.cacheblend.orchestrator.client;

import com.google.common.base.Ticker;

/** Time that a test sets. */
final class ScriptedClock extends Ticker {
  private long nanos;

  ScriptedClock at(long nanos) {
    this.nanos = nanos;
    return this;
  }

  @Override
  public long read() {
    return nanos;
  }
}

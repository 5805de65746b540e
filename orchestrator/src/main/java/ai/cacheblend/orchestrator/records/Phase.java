package ai.cacheblend.orchestrator.records;

import java.util.Locale;

/** Whether a trial is part of the measurement. */
public enum Phase {
  WARMUP,
  MEASURED;

  /** Name in records. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}

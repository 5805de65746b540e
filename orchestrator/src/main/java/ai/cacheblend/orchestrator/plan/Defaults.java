package ai.cacheblend.orchestrator.plan;

import java.util.List;
import java.util.stream.Stream;

/**
 * Default values of commands and plans. They are defined only here. Strings are in the syntax of
 * the command line.
 */
public final class Defaults {
  public static final String ARMS = "full_prefill,full_kv_reuse,cacheblend";
  public static final double RECOMPUTE_RATIO = 0.15;
  public static final int CHECK_LAYER = 1;

  public static final String LENGTHS = "512,1024,2048,4096,8192";
  public static final String DEMO_LENGTHS = "512,1024,2048,4096";
  public static final int TRIALS = 5;
  public static final int CHUNK_TOKENS = 512;
  public static final int SUFFIX_TOKENS = 32;
  public static final int TTFT_MAX_NEW_TOKENS = 10;
  public static final int WARM_UP_CAP = 12;

  public static final String DATASET = "pocketwiki";
  public static final int SAMPLES = 200;
  public static final int GATE_MAX_SAMPLES = 400;

  /** Samples on which {@code gate --selector auto} compares its candidates, at most. */
  public static final int GATE_SELECTION_SAMPLES = 100;

  /** Ratios of the candidates of {@code gate --selector auto}. */
  public static final String GATE_RATIOS = "0.05,0.15,0.3,0.5";

  public static final double MARGIN = 0.02;

  public static final String LOAD_DURATION = "60s";
  public static final int LOAD_SLICES = 3;
  public static final String SEARCH_DURATION = "20s";
  public static final int SEARCH_ROUNDS = 12;
  public static final int LOAD_WARM_UP = 10;
  public static final String ARRIVALS = "poisson";
  public static final int POOL_CHUNKS = 1000;
  public static final String POPULARITY = "zipf:1.0";
  public static final int CHUNKS_PER_REQUEST = 6;
  public static final int LOAD_MAX_NEW_TOKENS = 32;

  public static final long SEED = 0;
  public static final int REQUEST_MAX_NEW_TOKENS = 1;
  public static final String MODEL = "pocket";
  public static final int CALL_TIMEOUT_SECONDS = 600;
  public static final int HEARTBEAT_TIMEOUT_SECONDS = 10;

  private Defaults() {}

  /** The values of {@link #GATE_RATIOS}. */
  public static List<Double> gateRatios() {
    return Stream.of(GATE_RATIOS.split(",", -1)).map(Double::valueOf).toList();
  }
}

package ai.cacheblend.orchestrator.run;

import ai.cacheblend.metrics.Summary;
import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.plan.Arm;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Warms up sending and receiving between this process and the worker. Calls of new processes take
 * milliseconds longer, and a warm-up with long prompts has too few calls to change that.
 */
final class ShortCalls {
  private static final int PROMPT_TOKENS = 8;
  private static final int WINDOW = 25;
  private static final int MAX_WINDOWS = 16;

  /** A smaller gain between windows is noise. */
  private static final double LEAST_GAIN = 0.05;

  private ShortCalls() {}

  /** Repeats calls until transport becomes no faster; the prompt is a prefix of {@code ids}. */
  static void untilSteady(WorkerClient worker, ImmutableIntArray ids) {
    GenerateCall call =
        GenerateCall.greedy(
            List.of(
                new PromptSegment(ids.subArray(0, Math.min(ids.length(), PROMPT_TOKENS)), false)),
            new Arm.FullPrefill(),
            1,
            List.of(),
            true);
    double before = Double.POSITIVE_INFINITY;
    for (int window = 0; window < MAX_WINDOWS; window++) {
      double median = medianTransport(worker, call);
      if (median >= before * (1 - LEAST_GAIN)) {
        return;
      }
      before = median;
    }
  }

  private static double medianTransport(WorkerClient worker, GenerateCall call) {
    return Summary.of(
            IntStream.range(0, WINDOW)
                .mapToObj(i -> worker.generate(call))
                .mapToDouble(GenerateResult::transportNanos)
                .toArray())
        .median();
  }
}

package ai.cacheblend.benchmarks.load;

import ai.cacheblend.metrics.Percentiles;
import ai.cacheblend.mock.Delays;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import ai.cacheblend.orchestrator.cli.Console;
import ai.cacheblend.orchestrator.cli.OrchestratorMain;
import ai.cacheblend.orchestrator.client.GenerateResult.WorkerDurations;
import ai.cacheblend.orchestrator.console.Progress;
import ai.cacheblend.orchestrator.records.LoadRequest;
import ai.cacheblend.orchestrator.records.LoadResult;
import ai.cacheblend.orchestrator.records.ResultFolder;
import ai.cacheblend.orchestrator.run.RunClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Runs {@code load} against mock workers with one server and known service times, and compares the
 * waiting times in its records with those of the queue.
 */
public final class LoadExperiment {
  private static final double SERVICE_SECONDS = 0.020;
  private static final double UTILIZATION = 0.7;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double MAX_ERROR = 0.05;
  private static final double MAX_LAG_SECONDS = 0.001;
  private static final int LAG_RATE = 500;
  private static final long SEED = 11;

  private LoadExperiment() {}

  /**
   * Mean waiting times in seconds.
   *
   * @param measured mean TTFT minus service time and transport
   * @param transport mean part of the generate call during which the worker did not have the
   *     request
   * @param path of the same arrivals and service times, by Lindley's recursion
   * @param theory of the stationary queue
   */
  record Waiting(int requests, double measured, double transport, double path, double theory) {
    double error() {
      return measured / path - 1;
    }
  }

  /** Exit status 0 if every error is within its limit. */
  public static void main(String[] arguments) throws IOException {
    int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 60;
    double mean = UTILIZATION * SERVICE_SECONDS / (1 - UTILIZATION);
    Waiting deterministic = waiting(seconds, () -> () -> SERVICE_SECONDS, mean / 2);
    Waiting exponential = waiting(seconds, LoadExperiment::exponential, mean);
    System.out.println(
        "| queue | requests | waiting, ms | transport, ms | this path, ms | error | stationary, ms |");
    System.out.println("|---|---|---|---|---|---|---|");
    print("M/D/1", deterministic);
    print("M/M/1", exponential);
    double lag = lag(seconds);
    System.out.printf(
        Locale.ROOT, "%np99 of the send lag at %d requests/s: %.3f ms%n", LAG_RATE, lag * 1e3);
    boolean good =
        Math.abs(deterministic.error()) <= MAX_ERROR
            && Math.abs(exponential.error()) <= MAX_ERROR
            && lag < MAX_LAG_SECONDS;
    System.exit(good ? 0 : 1);
  }

  private static void print(String queue, Waiting waiting) {
    System.out.printf(
        Locale.ROOT,
        "| %s | %d | %.2f | %.2f | %.2f | %+.1f %% | %.2f |%n",
        queue,
        waiting.requests,
        waiting.measured * 1e3,
        waiting.transport * 1e3,
        waiting.path * 1e3,
        waiting.error() * 100,
        waiting.theory * 1e3);
  }

  private static Supplier<Double> exponential() {
    SplittableRandom random = new SplittableRandom(SEED);
    return () -> -Math.log1p(-random.nextDouble()) * SERVICE_SECONDS;
  }

  /**
   * @param services the service times, the same for each call
   */
  private static Waiting waiting(int seconds, Supplier<Supplier<Double>> services, double theory)
      throws IOException {
    Supplier<Double> drawn = services.get();
    Delays.Prefill prefill =
        (arm, tokens) -> Duration.ofNanos(Math.round(drawn.get() * NANOS_PER_SECOND));
    List<LoadRequest> requests = run(prefill, UTILIZATION / SERVICE_SECONDS, seconds);
    Supplier<Double> again = services.get();
    double free = Double.NEGATIVE_INFINITY;
    double path = 0;
    double measured = 0;
    double transport = 0;
    int count = 0;
    for (LoadRequest request : requests) {
      double due = request.moments().intended() / NANOS_PER_SECOND;
      double service = again.get();
      double begin = Math.max(due, free);
      free = begin + service;
      if (request.measured()) {
        path += begin - due;
        transport += transport(request);
        measured += request.ttftSeconds() - service - transport(request);
        count++;
      }
    }
    return new Waiting(count, measured / count, transport / count, path / count, theory);
  }

  private static double transport(LoadRequest request) {
    long call = request.moments().tokens().get(0) - request.moments().generateSent();
    WorkerDurations worker = request.worker().orElseThrow();
    return (call - worker.queueNanos() - worker.ttftNanos()) / NANOS_PER_SECOND;
  }

  private static double lag(int seconds) throws IOException {
    List<LoadRequest> requests = run((arm, tokens) -> Duration.ZERO, LAG_RATE, seconds);
    double[] lags =
        requests.stream()
            .filter(LoadRequest::measured)
            .mapToDouble(LoadRequest::lagSeconds)
            .toArray();
    return Percentiles.of(lags).at(0.99).orElseThrow();
  }

  /** All requests of one slice, in the order in which they were due. */
  private static List<LoadRequest> run(Delays.Prefill prefill, double rate, int seconds)
      throws IOException {
    Path folder = Files.createTempDirectory("load-experiment");
    MockScript script =
        MockScript.sound()
            .withDelays(Delays.prefill(prefill))
            .withLimits(32_768, 100_000, 1L << 32);
    try (MockWorker worker = MockWorker.start(script)) {
      List<String> arguments =
          new ArrayList<>(List.of("load", "--worker", worker.address(), "--overwrite", "--quiet"));
      arguments.addAll(List.of("--arms", "full_prefill", "--max-new-tokens", "1"));
      arguments.addAll(List.of("--chunks", "1", "--chunk-tokens", "16", "--pool-chunks", "4"));
      arguments.addAll(List.of("--rate", String.format(Locale.ROOT, "%.3f", rate)));
      arguments.addAll(List.of("--duration", seconds + "s", "--slices", "1", "--warmup", "200"));
      arguments.addAll(List.of("--out", folder.toString()));
      int status =
          OrchestratorMain.run(
              new Console(
                  System.err, System.err, Map.of(), RunClock.system(), Progress.Style.SILENT),
              arguments.toArray(String[]::new));
      if (status != 0) {
        throw new IllegalStateException("load ended with status " + status);
      }
      LoadResult result = (LoadResult) ResultFolder.read(folder).get(0);
      return result.slices().get(0).requests();
    }
  }
}

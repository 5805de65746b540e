package ai.cacheblend.timing;

import ai.cacheblend.metrics.Percentiles;
import ai.cacheblend.mock.Delays;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import ai.cacheblend.orchestrator.client.GenerateCall;
import ai.cacheblend.orchestrator.client.GenerateResult;
import ai.cacheblend.orchestrator.client.GrpcWorkerClient;
import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.client.WorkerClient;
import ai.cacheblend.orchestrator.plan.Arm;
import com.google.common.base.Ticker;
import com.google.common.net.HostAndPort;
import com.google.common.primitives.ImmutableDoubleArray;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Streams at once, each from a mock worker of its own, as a run with so many workers has them. */
public final class TimingExperiment {
  private static final int LONG_PROMPT = 64;
  private static final int SHORT_PROMPT = 32;
  private static final int NEW_TOKENS = 4;
  private static final int WARM_UP_CALLS = 1_000;
  private static final double NANOS_PER_MILLI = 1e6;

  private TimingExperiment() {}

  /**
   * Client TTFT minus what it should be, in milliseconds.
   *
   * @param ofScript beyond the delay that the worker was told to make
   * @param ofWorker beyond what the worker says that it took: transport
   * @param ofDifference of two delays, beyond the difference that they were told to have
   */
  public record Errors(
      ImmutableDoubleArray ofScript,
      ImmutableDoubleArray ofWorker,
      ImmutableDoubleArray ofDifference) {
    private static Errors of(List<Pair> pairs) {
      return new Errors(
          ImmutableDoubleArray.copyOf(pairs.stream().mapToDouble(Pair::ofScript)),
          ImmutableDoubleArray.copyOf(pairs.stream().mapToDouble(Pair::ofWorker)),
          ImmutableDoubleArray.copyOf(pairs.stream().mapToDouble(Pair::ofDifference)));
    }

    public double medianOfDifference() {
      return Percentiles.of(ofDifference.toArray()).at(0.5).orElseThrow();
    }

    public double medianOfScript() {
      return Percentiles.of(ofScript.toArray()).at(0.5).orElseThrow();
    }
  }

  /** Measures {@code calls} answers of each of {@code streams} streams. */
  public static Errors measure(int streams, int calls)
      throws IOException, InterruptedException, ExecutionException {
    ExecutorService executor = Executors.newFixedThreadPool(streams);
    List<Future<List<Pair>>> futures = new ArrayList<>();
    List<AutoCloseable> open = new ArrayList<>();
    try {
      for (int stream = 0; stream < streams; stream++) {
        // Different delays, so that streams meet at all phases.
        Duration delay = Duration.ofMillis(20 + 3L * stream);
        MockWorker worker = worker(delay);
        open.add(worker);
        WorkerClient client =
            GrpcWorkerClient.to(
                HostAndPort.fromString(worker.address()),
                Ticker.systemTicker(),
                Duration.ofSeconds(30));
        open.add(client);
        futures.add(executor.submit(stream(client, delay, calls)));
      }
      List<Pair> pairs = new ArrayList<>();
      for (Future<List<Pair>> future : futures) {
        pairs.addAll(future.get());
      }
      return Errors.of(pairs);
    } finally {
      executor.shutdownNow();
      close(open);
    }
  }

  private static MockWorker worker(Duration delay) throws IOException {
    return MockWorker.start(
        MockScript.sound().withDelays(Delays.prefill((arm, tokens) -> delayOf(tokens, delay))));
  }

  private static Duration delayOf(int tokens, Duration delay) {
    return switch (tokens) {
      case LONG_PROMPT -> delay;
      case SHORT_PROMPT -> delay.dividedBy(2);
      default -> Duration.ZERO;
    };
  }

  private static Callable<List<Pair>> stream(WorkerClient client, Duration delay, int calls) {
    return () -> {
      for (int i = 0; i < WARM_UP_CALLS; i++) {
        client.generate(call(1));
      }
      List<Pair> pairs = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        pairs.add(
            new Pair(
                delay, client.generate(call(LONG_PROMPT)), client.generate(call(SHORT_PROMPT))));
      }
      return pairs;
    };
  }

  /** An answer after a delay, and one after half of it. */
  private record Pair(Duration delay, GenerateResult full, GenerateResult half) {
    double ofScript() {
      return (full.clientTtftNanos() - delay.toNanos()) / NANOS_PER_MILLI;
    }

    double ofWorker() {
      return full.transportNanos() / NANOS_PER_MILLI;
    }

    double ofDifference() {
      double measuredNanos = (double) full.clientTtftNanos() - half.clientTtftNanos();
      return (measuredNanos - delay.toNanos() / 2.0) / NANOS_PER_MILLI;
    }
  }

  private static GenerateCall call(int tokens) {
    return GenerateCall.greedy(
        List.of(new PromptSegment(ImmutableIntArray.copyOf(IntStream.range(3, 3 + tokens)), false)),
        new Arm.FullPrefill(),
        NEW_TOKENS,
        List.of(),
        true);
  }

  private static void close(List<AutoCloseable> open) {
    for (AutoCloseable one : open) {
      try {
        one.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Prints medians and 95th percentiles; arguments: streams (8), calls of each (200). */
  public static void main(String[] arguments) throws Exception {
    int streams = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 8;
    int calls = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 200;
    Errors errors = measure(streams, calls);
    System.out.printf("%d streams, %d answers each%n%n", streams, calls);
    System.out.println("| client TTFT beyond | median ms | p95 ms |");
    System.out.println("|---|---|---|");
    print("the scripted delay", errors.ofScript());
    print("the worker's own queue and TTFT", errors.ofWorker());
    print("the scripted difference of two delays", errors.ofDifference());
  }

  private static void print(String what, ImmutableDoubleArray millis) {
    Percentiles percentiles = Percentiles.of(millis.toArray());
    System.out.printf(
        Locale.ROOT,
        "| %s | %.3f | %.3f |%n",
        what,
        percentiles.at(0.5).orElseThrow(),
        percentiles.at(0.95).orElseThrow());
  }
}

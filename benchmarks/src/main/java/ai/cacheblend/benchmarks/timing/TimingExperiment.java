package ai.cacheblend.benchmarks.timing;

import ai.cacheblend.metrics.Percentiles;
import ai.cacheblend.mock.Delays;
import ai.cacheblend.mock.MockJournal;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import ai.cacheblend.orchestrator.client.Access;
import ai.cacheblend.orchestrator.client.ClientLimits;
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

/** Measures concurrent streams, each from its own mock worker, as in a run with several workers. */
public final class TimingExperiment {
  private static final int LONG_PROMPT = 64;
  private static final int SHORT_PROMPT = 32;
  private static final int NEW_TOKENS = 4;
  private static final double NANOS_PER_MILLI = 1e6;

  private TimingExperiment() {}

  /**
   * Errors of client TTFT in milliseconds.
   *
   * @param ofScript client TTFT minus the scripted delay
   * @param ofMock client TTFT minus the time from the request's arrival to the hand-over of the
   *     first token to gRPC, measured by the mock worker on the same clock: overhead of client and
   *     transport
   * @param there part of {@code ofMock} from sending the request to its arrival
   * @param back part of {@code ofMock} from the hand-over to the token's arrival
   * @param ofDifference difference of two client TTFTs minus the scripted difference
   */
  public record Errors(
      ImmutableDoubleArray ofScript,
      ImmutableDoubleArray ofMock,
      ImmutableDoubleArray there,
      ImmutableDoubleArray back,
      ImmutableDoubleArray ofDifference) {
    private static Errors of(List<Pair> pairs) {
      return new Errors(
          ImmutableDoubleArray.copyOf(pairs.stream().mapToDouble(Pair::ofScript)),
          ImmutableDoubleArray.copyOf(pairs.stream().mapToDouble(Pair::ofMock)),
          ImmutableDoubleArray.copyOf(pairs.stream().mapToDouble(Pair::there)),
          ImmutableDoubleArray.copyOf(pairs.stream().mapToDouble(Pair::back)),
          ImmutableDoubleArray.copyOf(pairs.stream().mapToDouble(Pair::ofDifference)));
    }
  }

  static double median(ImmutableDoubleArray millis) {
    return Percentiles.of(millis.toArray()).at(0.5).orElseThrow();
  }

  /**
   * Measures {@code calls} answers of each of {@code streams} streams after {@code warmUpCalls}
   * calls without a delay.
   */
  public static Errors measure(int streams, int warmUpCalls, int calls)
      throws IOException, InterruptedException, ExecutionException {
    ExecutorService executor = Executors.newFixedThreadPool(streams);
    List<Future<List<Pair>>> futures = new ArrayList<>();
    List<AutoCloseable> open = new ArrayList<>();
    try {
      for (int stream = 0; stream < streams; stream++) {
        // Different delays, so that the streams have all phase differences.
        Duration delay = Duration.ofMillis(20 + 3L * stream);
        MockWorker worker = worker(delay);
        open.add(worker);
        WorkerClient client =
            GrpcWorkerClient.to(
                HostAndPort.fromString(worker.address()),
                Ticker.systemTicker(),
                new ClientLimits(Duration.ofSeconds(30), 30),
                Access.OPEN);
        open.add(client);
        futures.add(executor.submit(stream(worker, client, delay, warmUpCalls, calls)));
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

  private static Callable<List<Pair>> stream(
      MockWorker worker, WorkerClient client, Duration delay, int warmUpCalls, int calls) {
    return () -> {
      for (int i = 0; i < warmUpCalls; i++) {
        client.generate(call(1));
      }
      List<GenerateResult> results = new ArrayList<>();
      for (int i = 0; i < calls; i++) {
        results.add(client.generate(call(LONG_PROMPT)));
        results.add(client.generate(call(SHORT_PROMPT)));
      }
      List<MockJournal.Answered> answered =
          worker.journal().answered().subList(warmUpCalls, warmUpCalls + 2 * calls);
      List<Pair> pairs = new ArrayList<>();
      for (int i = 0; i < 2 * calls; i += 2) {
        pairs.add(new Pair(delay, results.get(i), answered.get(i), results.get(i + 1)));
      }
      return pairs;
    };
  }

  /** Answers after the full and after half the delay. */
  private record Pair(
      Duration delay, GenerateResult full, MockJournal.Answered answered, GenerateResult half) {
    double ofScript() {
      return (full.clientTtftNanos() - delay.toNanos()) / NANOS_PER_MILLI;
    }

    double ofMock() {
      return there() + back();
    }

    double there() {
      return (answered.arrivedNanos() - full.times().sentNanos()) / NANOS_PER_MILLI;
    }

    double back() {
      return (full.times().firstTokenNanos() - answered.handedNanos()) / NANOS_PER_MILLI;
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

  /**
   * Prints medians and 95th percentiles; arguments: streams (8), calls per stream (200), warm-up
   * calls (4000).
   */
  public static void main(String[] arguments) throws Exception {
    int streams = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 8;
    int calls = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 200;
    int warmUpCalls = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 4_000;
    Errors errors = measure(streams, warmUpCalls, calls);
    System.out.printf("%d streams, %d answers each%n%n", streams, calls);
    System.out.println("| client TTFT minus | median ms | p95 ms |");
    System.out.println("|---|---|---|");
    print("the scripted delay", errors.ofScript());
    print("arrival of the request to hand-over of the token", errors.ofMock());
    print("of which request path", errors.there());
    print("of which response path", errors.back());
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

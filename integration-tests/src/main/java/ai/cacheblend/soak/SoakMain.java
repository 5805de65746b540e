package ai.cacheblend.soak;

import ai.cacheblend.fuzz.ResourceSeries;
import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.DescribeResponse;
import ai.cacheblend.proto.v1.WorkerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Arguments: directory of the checkout, minutes, seed. Two workers serve callers and benchmark
 * runs. One is stopped and continued; its resources must stay flat. The other is killed and
 * restarted. Exit status 1 if a criterion is violated.
 */
public final class SoakMain {
  private static final Set<Status.Code> STEADY =
      EnumSet.of(Status.Code.OK, Status.Code.NOT_FOUND, Status.Code.RESOURCE_EXHAUSTED);
  private static final Set<Status.Code> KILLED =
      EnumSet.of(
          Status.Code.OK,
          Status.Code.NOT_FOUND,
          Status.Code.RESOURCE_EXHAUSTED,
          Status.Code.UNAVAILABLE);
  private static final int CLIENTS = 3;
  private static final int SAMPLE_SECONDS = 10;
  private static final int SETTLING_POLLS = 3000;

  private final Ledger ledger = new Ledger();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final ResourceSeries resources = new ResourceSeries();
  private final Random random;
  private int restartCount;
  private int pauseCount;

  private SoakMain(long seed) {
    random = new Random(seed);
  }

  public static void main(String[] arguments) throws Exception {
    long seed = Long.parseLong(arguments[2]);
    List<String> violations =
        new SoakMain(seed)
            .run(Path.of(arguments[0]), Duration.ofMinutes(Long.parseLong(arguments[1])), seed);
    violations.forEach(line -> System.out.println("violation: " + line));
    System.exit(violations.isEmpty() ? 0 : 1);
  }

  private List<String> run(Path home, Duration duration, long seed) throws Exception {
    Path scratch = Files.createTempDirectory("soak");
    Path launcher = home.resolve("cacheblend");
    try (SoakWorker steady = new SoakWorker(launcher, scratch.resolve("steady.log").toFile());
        SoakWorker killed = new SoakWorker(launcher, scratch.resolve("killed.log").toFile())) {
      List<Thread> threads = new ArrayList<>();
      Map<String, List<Integer>> answers = Client.noAnswers();
      for (int i = 0; i < CLIENTS; i++) {
        threads.add(
            new Thread(new Client("steady", steady, STEADY, ledger, answers, ended, seed + i)));
        threads.add(
            new Thread(new Client("killed", killed, KILLED, ledger, answers, ended, seed - i - 1)));
      }
      Runs runs = new Runs(home, scratch, List.of(steady, killed), ledger, ended, seed);
      threads.add(new Thread(runs));
      threads.forEach(Thread::start);
      Thread faults = new Thread(() -> faults(steady, killed));
      faults.start();
      sample(steady, System.nanoTime() + duration.toNanos());
      ended.set(true);
      faults.join();
      for (Thread thread : threads) {
        thread.join();
      }
      settle(steady);
      settle(killed);
      System.out.print(ledger.table() + runs.table());
      System.out.printf("restarts %d, pauses %d%n", restartCount, pauseCount);
      System.out.print(resources.table());
      System.out.println("logs: " + scratch);
    }
    List<String> violations = new ArrayList<>(ledger.violations());
    violations.addAll(resources.violations());
    return violations;
  }

  private void sample(SoakWorker worker, long endNanos) throws InterruptedException {
    while (System.nanoTime() < endNanos) {
      if (!worker.alive()) {
        ledger.violation("the worker that is not killed by this program has exited");
        return;
      }
      resources.add(worker.status());
      Thread.sleep(Duration.ofSeconds(SAMPLE_SECONDS).toMillis());
    }
  }

  private void faults(SoakWorker steady, SoakWorker killed) {
    try {
      while (!ended.get()) {
        Thread.sleep(Duration.ofSeconds(10 + random.nextInt(30)).toMillis());
        switch (random.nextInt(6)) {
          case 0 -> pause(steady, 25);
          case 1 -> pause(killed, 1 + random.nextInt(5));
          case 2, 3 -> pause(steady, 1 + random.nextInt(5));
          default -> {
            killed.killAndRestart();
            restartCount++;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      ledger.violation("faults ended: " + e);
    }
  }

  private void pause(SoakWorker worker, int seconds) throws InterruptedException {
    worker.pause(Duration.ofSeconds(seconds));
    pauseCount++;
  }

  /** After the last call, a worker holds no memory of a request. */
  private void settle(SoakWorker worker) throws InterruptedException {
    ManagedChannel channel = NettyChannelBuilder.forTarget(worker.address()).usePlaintext().build();
    try {
      DescribeResponse state = DescribeResponse.getDefaultInstance();
      for (int i = 0; i < SETTLING_POLLS; i++) {
        state =
            WorkerGrpc.newBlockingStub(channel)
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .describe(DescribeRequest.getDefaultInstance());
        if (state.getLeases().getActiveRequestCount() == 0
            && state.getPool().getReservedBlockCount() == 0) {
          return;
        }
        Thread.sleep(100);
      }
      ledger.violation(
          "%s holds %d requests and %d KV blocks after the last call"
              .formatted(
                  worker.address(),
                  state.getLeases().getActiveRequestCount(),
                  state.getPool().getReservedBlockCount()));
    } finally {
      channel.shutdownNow();
    }
  }
}

package ai.cacheblend.soak;

import ai.cacheblend.fuzz.ResourceSeries;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Arguments: directory of the checkout, number of requests, seed. Exit status 1 if a criterion is
 * violated.
 */
public final class StressMain {
  private static final int REQUESTS_PER_SAMPLE = 100;
  private static final double MAX_KIB_PER_1000_REQUESTS = 1024;

  private StressMain() {}

  public static void main(String[] arguments) throws Exception {
    int requestCount = Integer.parseInt(arguments[1]);
    long seed = Long.parseLong(arguments[2]);
    Path log = Files.createTempFile("stress", ".log");
    ResourceSeries resources = new ResourceSeries();
    List<String> violations = new ArrayList<>();
    try (SoakWorker worker =
        new SoakWorker(Path.of(arguments[0]).resolve("cacheblend"), log.toFile())) {
      ManagedChannel channel =
          NettyChannelBuilder.forTarget(worker.address()).usePlaintext().build();
      Stress stress = new Stress(channel, seed);
      long start = System.nanoTime();
      stress.run(
          requestCount,
          sent -> {
            if (sent % REQUESTS_PER_SAMPLE == 0) {
              resources.add(worker.status());
            }
          });
      channel.shutdownNow();
      System.out.printf(
          "%d requests in %s%n", requestCount, Duration.ofNanos(System.nanoTime() - start));
      System.out.print(stress.table());
      violations.addAll(stress.violations());
    }
    double slope = resources.residentGrowthKib() / (requestCount / 2.0) * 1000;
    System.out.print(resources.table());
    System.out.printf(
        Locale.ROOT, "resident memory: %+.0f KiB per 1000 requests (second half)%n", slope);
    System.out.println("log: " + log);
    if (slope > MAX_KIB_PER_1000_REQUESTS) {
      violations.add("resident memory grows by more than 1 MiB per 1000 requests");
    }
    violations.forEach(line -> System.out.println("violation: " + line));
    System.exit(violations.isEmpty() ? 0 : 1);
  }
}

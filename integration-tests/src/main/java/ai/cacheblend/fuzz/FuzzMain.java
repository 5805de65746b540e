package ai.cacheblend.fuzz;

import com.google.common.net.HostAndPort;
import java.util.ArrayList;
import java.util.List;

/**
 * Arguments: the worker's HOST:PORT, its process id, the number of requests, and the seed. Exit
 * status 1 if a criterion of {@link FuzzResult#violations} or {@link ResourceSeries#violations} is
 * violated, or if Describe of another caller takes one second or more (p99).
 */
public final class FuzzMain {
  private static final double MAX_DESCRIBE_MILLIS = 1000;

  private FuzzMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    FuzzResult result =
        Fuzz.run(
            HostAndPort.fromString(arguments[0]),
            Long.parseLong(arguments[1]),
            Integer.parseInt(arguments[2]),
            Long.parseLong(arguments[3]));
    System.out.print(result.table());
    List<String> violations = new ArrayList<>(result.violations());
    violations.addAll(result.resources().violations());
    if (result.describeMillis(0.99) >= MAX_DESCRIBE_MILLIS) {
      violations.add("p99 of Describe is %.0f ms".formatted(result.describeMillis(0.99)));
    }
    violations.forEach(line -> System.out.println("violation: " + line));
    System.exit(violations.isEmpty() ? 0 : 1);
  }
}

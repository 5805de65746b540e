package ai.cacheblend.fuzz;

import com.google.common.net.HostAndPort;
import java.util.ArrayList;
import java.util.List;

/**
 * Arguments: the worker's HOST:PORT, its process id, the number of requests, and the seed. Exit
 * status 1 if a criterion of {@link FuzzResult#violations} or {@link ResourceSeries#violations} is
 * violated.
 */
public final class FuzzMain {
  private FuzzMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    FuzzResult result =
        Fuzz.run(
            HostAndPort.fromString(arguments[0]),
            Long.parseLong(arguments[1]),
            Integer.parseInt(arguments[2]),
            Long.parseLong(arguments[3]));
    System.out.print(result.table());
    List<String> growth = new ArrayList<>(result.resources().violations());
    growth.forEach(line -> System.out.println("violation: " + line));
    System.exit(growth.isEmpty() && result.violations().isEmpty() ? 0 : 1);
  }
}

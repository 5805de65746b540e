package ai.cacheblend.fuzz;

import com.google.common.net.HostAndPort;

/**
 * Arguments: the worker's HOST:PORT, its process id, the number of requests, and the seed. Exit
 * status 1: an undocumented status, a leak, or a Describe of another caller above one second (p99).
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
    boolean passed =
        result.descriptions().isEmpty()
            && result.reservedBlockCount() == 0
            && result.activeRequestCount() == 0
            && result.describeMillis(0.99) < MAX_DESCRIBE_MILLIS;
    System.exit(passed ? 0 : 1);
  }
}

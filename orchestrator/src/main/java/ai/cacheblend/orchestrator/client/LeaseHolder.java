package ai.cacheblend.orchestrator.client;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;

/** The name under which this process holds leases. */
public final class LeaseHolder {
  private static final int MAX_LENGTH = 200;

  private LeaseHolder() {}

  /** For example {@code ada@host-a, pid 4711, ttft, since 2026-01-02T03:04:05Z}. */
  public static String of(String command, Instant start) {
    String name =
        System.getProperty("user.name", "?")
            + "@"
            + host()
            + ", pid "
            + ProcessHandle.current().pid()
            + ", "
            + command
            + ", since "
            + start.toString().replaceFirst("\\.\\d+Z$", "Z");
    String printable = name.replaceAll("\\p{Cntrl}", "?");
    return printable.substring(0, Math.min(printable.length(), MAX_LENGTH));
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // The message is "NAME: reason" if the name of this host does not resolve.
      return System.getenv().getOrDefault("HOSTNAME", "unknown host");
    }
  }
}

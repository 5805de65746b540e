package ai.cacheblend.orchestrator.client;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The name under which this process holds leases. */
public final class LeaseHolder {
  private static final int MAX_LENGTH = 200;
  private static final Pattern LEADING_DIGITS = Pattern.compile("(\\d{1,18}),");

  private LeaseHolder() {}

  /** For example {@code ada@host-a, pid 4711, ttft, since 2026-01-02T03:04:05Z}. */
  public static String of(String command, Instant start) {
    return of(ProcessHandle.current().pid(), command, start);
  }

  static String of(long pid, String command, Instant start) {
    String name =
        userAndHost()
            + ", pid "
            + pid
            + ", "
            + command
            + ", since "
            + start.toString().replaceFirst("\\.\\d+Z$", "Z");
    String printable = printable(name);
    return printable.substring(0, Math.min(printable.length(), MAX_LENGTH));
  }

  /** Whether a process of this user on this host had this name, and has ended. */
  static boolean isEndedHere(String holder) {
    String own = printable(userAndHost()) + ", pid ";
    if (!holder.startsWith(own)) {
      return false;
    }
    Matcher pid = LEADING_DIGITS.matcher(holder.substring(own.length()));
    return pid.lookingAt()
        && ProcessHandle.of(Long.parseLong(pid.group(1))).filter(ProcessHandle::isAlive).isEmpty();
  }

  private static String printable(String name) {
    return name.replaceAll("\\p{Cntrl}", "?");
  }

  private static String userAndHost() {
    return System.getProperty("user.name", "?") + "@" + host();
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

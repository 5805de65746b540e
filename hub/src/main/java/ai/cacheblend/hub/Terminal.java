package ai.cacheblend.hub;

import java.io.IOException;
import java.util.Map;

/** Whether a person sees the output. */
public final class Terminal {
  private Terminal() {}

  /**
   * Whether standard error is a terminal that can redraw a line. {@link System#console} covers
   * standard input and output only.
   */
  public static boolean isStandardError(Map<String, String> environment) {
    if (environment.getOrDefault("TERM", "dumb").equals("dumb")) {
      return false;
    }
    try {
      Process test =
          new ProcessBuilder("test", "-t", "2")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      return test.waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}

package ai.cacheblend.orchestrator.dataset;

import java.nio.file.NoSuchFileException;

/** Messages of others, made to fit into one line. */
final class OneLine {
  private OneLine() {}

  static String of(String message) {
    return message == null ? "no detail" : message.replaceAll("\\s+", " ").strip();
  }

  static String of(Exception e) {
    if (e instanceof NoSuchFileException) {
      return "no such file";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : of(e.getMessage());
  }
}

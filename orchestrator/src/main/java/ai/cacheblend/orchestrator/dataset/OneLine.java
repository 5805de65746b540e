package ai.cacheblend.orchestrator.dataset;

import java.nio.file.NoSuchFileException;

/** Reduces messages of libraries to one line. */
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

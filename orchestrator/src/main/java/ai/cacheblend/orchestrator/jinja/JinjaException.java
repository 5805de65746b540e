package ai.cacheblend.orchestrator.jinja;

/** A template that cannot be parsed or rendered, or that raises an exception itself; one line. */
public final class JinjaException extends RuntimeException {
  JinjaException(String message) {
    super(message);
  }

  static JinjaException at(int line, String message) {
    return new JinjaException("line " + line + ": " + message);
  }
}

package ai.cacheblend.orchestrator.jinja;

import java.util.List;

/** A parsed statement, or text. */
interface Statement {
  /** How a statement ends. */
  enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  Flow run(Scope scope);

  /** Runs statements until one ends the loop around them. */
  static Flow all(List<Statement> statements, Scope scope) {
    for (Statement statement : statements) {
      Flow flow = statement.run(scope);
      if (flow != Flow.NEXT) {
        return flow;
      }
    }
    return Flow.NEXT;
  }
}

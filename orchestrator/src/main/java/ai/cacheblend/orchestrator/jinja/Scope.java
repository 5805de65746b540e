package ai.cacheblend.orchestrator.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables of a block and of those around it, and the text written so far. Not thread-safe. */
final class Scope {
  private final Scope outer;
  private final Map<String, Object> variables = new HashMap<>();
  private final StringBuilder out;
  private final Budget budget;

  private Scope(Scope outer, StringBuilder out, Budget budget) {
    this.outer = outer;
    this.out = out;
    this.budget = budget;
  }

  static Scope global(Map<String, Object> variables) {
    Scope scope = new Scope(null, new StringBuilder(), new Budget());
    scope.variables.putAll(variables);
    return scope;
  }

  /** A block inside this one. */
  Scope inner() {
    return new Scope(this, out, budget);
  }

  /** A block inside this one whose text is captured. */
  Scope capturing() {
    return new Scope(this, new StringBuilder(), budget);
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      if (scope.variables.containsKey(name)) {
        return scope.variables.get(name);
      }
    }
    return new Undefined(name);
  }

  void set(String name, Object value) {
    variables.put(name, value);
  }

  void write(String text) {
    budget.write(text.length());
    out.append(text);
  }

  String written() {
    return out.toString();
  }

  Budget budget() {
    return budget;
  }
}

package ai.cacheblend.orchestrator.jinja;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A loop. Variables that its body sets end with the iteration.
 *
 * @param targets variables of an element; several take its elements
 * @param filter elements for which it is false are left out; may be null
 * @param otherwise runs if there are no elements
 */
record Loop(
    int line,
    List<String> targets,
    Expression iterable,
    Expression filter,
    List<Statement> body,
    Statement otherwise)
    implements Statement {

  @Override
  public Flow run(Scope scope) {
    List<Object> elements = elements(scope);
    if (elements.isEmpty()) {
      return otherwise.run(scope);
    }
    for (int i = 0; i < elements.size(); i++) {
      scope.budget().step();
      Scope inner = scope.inner();
      inner.set("loop", state(elements, i));
      assign(targets, elements.get(i), inner);
      if (Statement.all(body, inner) == Flow.BREAK) {
        break;
      }
    }
    return Flow.NEXT;
  }

  @SuppressWarnings("unchecked")
  private List<Object> elements(Scope scope) {
    List<Object> all =
        (List<Object>) ExpressionParser.located(line, () -> Values.elements(iterable.value(scope)));
    if (filter == null) {
      return all;
    }
    List<Object> kept = new ArrayList<>();
    for (Object element : all) {
      Scope inner = scope.inner();
      assign(targets, element, inner);
      if (Values.isTrue(filter.value(inner))) {
        kept.add(element);
      }
    }
    return kept;
  }

  private static Map<String, Object> state(List<Object> elements, int i) {
    int size = elements.size();
    Map<String, Object> loop = new HashMap<>();
    loop.put("index", i + 1L);
    loop.put("index0", (long) i);
    loop.put("revindex", (long) size - i);
    loop.put("revindex0", (long) size - i - 1);
    loop.put("first", i == 0);
    loop.put("last", i == size - 1);
    loop.put("length", (long) size);
    loop.put("previtem", i > 0 ? elements.get(i - 1) : new Undefined("previtem"));
    loop.put("nextitem", i + 1 < size ? elements.get(i + 1) : new Undefined("nextitem"));
    return loop;
  }

  /** Assigns a value to a variable, or its elements to several. */
  static void assign(List<String> targets, Object value, Scope scope) {
    if (targets.size() == 1) {
      scope.set(targets.get(0), value);
      return;
    }
    List<Object> elements = Values.elements(value);
    if (elements.size() != targets.size()) {
      throw new JinjaException(
          "%d values for the %d variables %s"
              .formatted(elements.size(), targets.size(), String.join(", ", targets)));
    }
    for (int i = 0; i < targets.size(); i++) {
      scope.set(targets.get(i), elements.get(i));
    }
  }
}

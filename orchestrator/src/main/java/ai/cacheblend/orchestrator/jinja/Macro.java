package ai.cacheblend.orchestrator.jinja;

import java.util.List;
import java.util.Map;

/**
 * A macro: a function whose result is the text that its body writes.
 *
 * @param scope where it is defined
 */
record Macro(String name, List<Parameter> parameters, Statement body, Scope scope)
    implements Callable {

  /**
   * @param otherwise default value
   */
  record Parameter(String name, Expression otherwise) {}

  @Override
  public Object call(List<Object> positional, Map<String, Object> named) {
    if (positional.size() > parameters.size()) {
      throw new JinjaException(
          "macro %s takes %d arguments, not %d"
              .formatted(name, parameters.size(), positional.size()));
    }
    Scope inner = scope.capturing();
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      inner.set(
          parameter.name(),
          i < positional.size()
              ? positional.get(i)
              : named.containsKey(parameter.name())
                  ? named.get(parameter.name())
                  : parameter.otherwise().value(inner));
    }
    body.run(inner);
    return inner.written();
  }
}

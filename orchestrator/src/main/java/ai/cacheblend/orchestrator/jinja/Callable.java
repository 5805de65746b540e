package ai.cacheblend.orchestrator.jinja;

import java.util.List;
import java.util.Map;

/** A function, macro or method. */
interface Callable {
  Object call(List<Object> arguments, Map<String, Object> named);
}

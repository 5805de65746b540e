package ai.cacheblend.orchestrator.jinja;

import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The functions that Jinja and {@code transformers} define for templates. */
final class Functions {
  /** Directives of strftime with the letters of {@link DateTimeFormatter}. */
  private static final Map<Character, String> DATE =
      Map.ofEntries(
          Map.entry('d', "dd"),
          Map.entry('m', "MM"),
          Map.entry('b', "MMM"),
          Map.entry('B', "MMMM"),
          Map.entry('y', "yy"),
          Map.entry('Y', "yyyy"),
          Map.entry('a', "EEE"),
          Map.entry('A', "EEEE"),
          Map.entry('H', "HH"),
          Map.entry('I', "hh"),
          Map.entry('M', "mm"),
          Map.entry('S', "ss"),
          Map.entry('p', "a"),
          Map.entry('j', "DDD"));

  private Functions() {}

  static Map<String, Object> all(Clock clock) {
    Map<String, Object> functions = new LinkedHashMap<>();
    functions.put("range", (Callable) (positional, named) -> range(positional));
    functions.put(
        "namespace", (Callable) (positional, named) -> new Namespace(map(positional, named)));
    functions.put("dict", (Callable) (positional, named) -> map(positional, named));
    functions.put(
        "raise_exception",
        (Callable)
            (positional, named) -> {
              throw new JinjaException(
                  "the template refuses the prompt: "
                      + Values.text(
                              new Arguments("raise_exception", positional, named).get(0, "message"))
                          .replaceAll("\\s+", " "));
            });
    functions.put(
        "strftime_now",
        (Callable)
            (positional, named) ->
                date(new Arguments("strftime_now", positional, named).text(0, "format"), clock));
    return functions;
  }

  private static Map<String, Object> map(List<Object> positional, Map<String, Object> named) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Object from : positional) {
      if (from instanceof Map<?, ?> entries) {
        entries.forEach((key, value) -> map.put(Values.text(key), value));
      }
    }
    map.putAll(named);
    return map;
  }

  private static List<Object> range(List<Object> arguments) {
    List<Integer> bounds = arguments.stream().map(Values::index).toList();
    if (bounds.isEmpty() || bounds.size() > 3) {
      throw new JinjaException("range takes one to three numbers");
    }
    long start = bounds.size() == 1 ? 0 : bounds.get(0);
    long stop = bounds.get(bounds.size() == 1 ? 0 : 1);
    long step = bounds.size() == 3 ? bounds.get(2) : 1;
    if (step == 0 || Math.abs((stop - start) / step) > Budget.MAX_ELEMENTS) {
      throw new JinjaException("range has the step 0, or too many elements");
    }
    List<Object> numbers = new ArrayList<>();
    for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
      numbers.add(i);
    }
    return numbers;
  }

  private static String date(String format, Clock clock) {
    LocalDateTime now = LocalDateTime.now(clock);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        text.append(c);
        continue;
      }
      char directive = format.charAt(++i);
      String pattern = DATE.get(directive);
      if (pattern == null && directive != '%') {
        throw new JinjaException("strftime_now does not know %" + directive);
      }
      text.append(
          pattern == null ? "%" : DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(now));
    }
    return text.toString();
  }
}

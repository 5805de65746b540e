package ai.cacheblend.orchestrator.plan;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import com.google.common.collect.Sets;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Patterns such as {@code "{title}\n{text}"}. Braces around anything but lower-case letters are
 * plain text.
 */
public final class Placeholders {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z]+)}(\\s*)");

  private Placeholders() {}

  /**
   * Replaces placeholders in one pass; braces inside a value are not replaced. A placeholder
   * without a value is removed with the white space after it.
   */
  public static String fill(String pattern, Map<String, String> values) {
    return PLACEHOLDER
        .matcher(pattern)
        .replaceAll(
            match -> {
              String value = values.get(match.group(1));
              return value == null ? "" : Matcher.quoteReplacement(value + match.group(2));
            });
  }

  static void check(String field, String pattern, Set<String> required, Set<String> optional) {
    Set<String> found =
        PLACEHOLDER
            .matcher(pattern)
            .results()
            .map(match -> match.group(1))
            .collect(Collectors.toUnmodifiableSet());
    for (String name : Sets.difference(required, found)) {
      throw new PlanException(
          field + " lacks {" + name + "}; insert it at the position of the data");
    }
    Set<String> known = Sets.union(required, optional);
    for (String name : Sets.difference(found, known)) {
      require(
          false, field + " contains {" + name + "}, which is unknown; use one of " + braced(known));
    }
  }

  private static String braced(Set<String> names) {
    return names.stream().sorted().map(name -> "{" + name + "}").collect(Collectors.joining(", "));
  }
}

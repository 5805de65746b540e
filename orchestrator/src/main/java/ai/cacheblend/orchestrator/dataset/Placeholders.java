package ai.cacheblend.orchestrator.dataset;

import com.google.common.collect.Sets;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Patterns such as {@code "{title}\n{text}"}. Braces around anything but lower-case letters are
 * plain text.
 */
final class Placeholders {
  // A value that is empty takes the white space after it along: no blank lines where a title would
  // be.
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z]+)}(\\s*)");

  private Placeholders() {}

  /** Puts values in, in one pass: braces inside a value stay as they are. */
  static String fill(String pattern, Map<String, String> values) {
    return PLACEHOLDER
        .matcher(pattern)
        .replaceAll(
            match -> {
              String value = values.get(match.group(1));
              return value.isEmpty() ? "" : Matcher.quoteReplacement(value + match.group(2));
            });
  }

  static void check(String field, String pattern, Set<String> required, Set<String> optional) {
    Set<String> found =
        PLACEHOLDER
            .matcher(pattern)
            .results()
            .map((MatchResult match) -> match.group(1))
            .collect(Collectors.toUnmodifiableSet());
    for (String name : Sets.difference(required, found)) {
      throw new IllegalArgumentException(
          "%s lacks {%s}; put it where the data goes".formatted(field, name));
    }
    for (String name : Sets.difference(found, Sets.union(required, optional))) {
      throw new IllegalArgumentException(
          "%s holds {%s}, which is unknown; known are %s"
              .formatted(field, name, braced(Sets.union(required, optional))));
    }
  }

  private static String braced(Set<String> names) {
    return names.stream().sorted().map(name -> "{" + name + "}").collect(Collectors.joining(", "));
  }
}

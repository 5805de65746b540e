package ai.cacheblend.orchestrator.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Methods of Python's strings. */
final class StringMethods {
  private static final List<String> NAMES =
      List.of(
          "strip",
          "lstrip",
          "rstrip",
          "split",
          "rsplit",
          "splitlines",
          "startswith",
          "endswith",
          "upper",
          "lower",
          "title",
          "capitalize",
          "replace",
          "join",
          "find",
          "rfind",
          "count",
          "isdigit",
          "isspace",
          "isalpha",
          "removeprefix",
          "removesuffix");

  private StringMethods() {}

  /** Null if strings have no such method. */
  static Callable find(String text, String name) {
    return NAMES.contains(name)
        ? (positional, named) -> call(text, name, new Arguments(name, positional, named))
        : null;
  }

  private static Object call(String text, String name, Arguments in) {
    return switch (name) {
      case "strip" -> strip(text, in.get(0, "chars", null), true, true);
      case "lstrip" -> strip(text, in.get(0, "chars", null), true, false);
      case "rstrip" -> strip(text, in.get(0, "chars", null), false, true);
      case "split" -> split(text, in.get(0, "sep", null), limit(in));
      case "rsplit" -> splitFromEnd(text, in.text(0, "sep"), limit(in));
      case "splitlines" -> new ArrayList<Object>(text.lines().toList());
      case "startswith" -> options(in).stream().anyMatch(text::startsWith);
      case "endswith" -> options(in).stream().anyMatch(text::endsWith);
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "title" -> title(text);
      case "capitalize" -> capitalize(text);
      case "replace" -> replace(text, in);
      case "join" -> join(text, Values.elements(in.get(0, "iterable")));
      case "find" -> (long) text.indexOf(in.text(0, "sub"));
      case "rfind" -> (long) text.lastIndexOf(in.text(0, "sub"));
      case "count" -> (long) split(text, in.text(0, "sub"), -1).size() - 1;
      case "isdigit" -> !text.isEmpty() && text.codePoints().allMatch(Character::isDigit);
      case "isspace" -> !text.isEmpty() && text.isBlank();
      case "isalpha" -> !text.isEmpty() && text.codePoints().allMatch(Character::isLetter);
      case "removeprefix" -> {
        String prefix = in.text(0, "prefix");
        yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
      }
      case "removesuffix" -> {
        String suffix = in.text(0, "suffix");
        yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
      }
      default -> throw new JinjaException("strings have no method " + name);
    };
  }

  /** The texts of elements, with {@code separator} between them. */
  static String join(String separator, List<Object> elements) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < elements.size(); i++) {
      text.append(i == 0 ? "" : separator).append(Values.text(elements.get(i)));
      Budget.requireLength(text.length());
    }
    return text.toString();
  }

  private static int limit(Arguments in) {
    return Values.index(in.get(1, "maxsplit", -1L));
  }

  /** {@code startswith} and {@code endswith} take one string or a tuple of them. */
  private static List<String> options(Arguments in) {
    return in.get(0, "prefix") instanceof List<?> list
        ? list.stream().map(Values::text).toList()
        : List.of(in.text(0, "prefix"));
  }

  /** Removes white space, or the given characters, from the ends. */
  static String strip(String text, Object characters, boolean left, boolean right) {
    int begin = 0;
    int end = text.length();
    while (left && begin < end && isStripped(text.charAt(begin), characters)) {
      begin++;
    }
    while (right && end > begin && isStripped(text.charAt(end - 1), characters)) {
      end--;
    }
    return text.substring(begin, end);
  }

  private static boolean isStripped(char c, Object characters) {
    return characters instanceof String set
        ? set.indexOf(c) >= 0
        : Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  private static List<Object> split(String text, Object separator, int limit) {
    if (separator == null) {
      String stripped = strip(text, null, true, true);
      return stripped.isEmpty()
          ? new ArrayList<>()
          : new ArrayList<>(Arrays.asList(stripped.split("\\s+", limit < 0 ? 0 : limit + 1)));
    }
    String by = Values.text(separator);
    if (by.isEmpty()) {
      throw new JinjaException("split takes a separator that is not empty");
    }
    List<Object> parts = new ArrayList<>();
    int begin = 0;
    for (int next = text.indexOf(by);
        next >= 0 && (limit < 0 || parts.size() < limit);
        next = text.indexOf(by, begin)) {
      parts.add(text.substring(begin, next));
      begin = next + by.length();
    }
    parts.add(text.substring(begin));
    return parts;
  }

  private static List<Object> splitFromEnd(String text, String by, int limit) {
    List<Object> parts = split(text, by, -1);
    if (limit < 0 || parts.size() <= limit + 1) {
      return parts;
    }
    int joined = parts.size() - limit;
    List<Object> result = new ArrayList<>();
    result.add(join(by, parts.subList(0, joined)));
    result.addAll(parts.subList(joined, parts.size()));
    return result;
  }

  private static String replace(String text, Arguments in) {
    String from = in.text(0, "old");
    String to = in.text(1, "new");
    if (from.isEmpty() && !in.has(2, "count")) {
      Budget.requireLength((text.length() + 1L) * to.length());
      return text.replace(from, to);
    }
    int count = in.has(2, "count") ? Values.index(in.get(2, "count")) : -1;
    return join(to, split(text, from, count));
  }

  static String capitalize(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT)
            + text.substring(1).toLowerCase(Locale.ROOT);
  }

  static String title(String text) {
    StringBuilder title = new StringBuilder();
    boolean inWord = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      title.append(inWord ? Character.toLowerCase(c) : Character.toUpperCase(c));
      inWord = Character.isLetter(c);
    }
    return title.toString();
  }
}

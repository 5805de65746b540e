package ai.cacheblend.hub;

import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Glob patterns of paths in repositories, and numbered files that belong together. */
final class Globs {

  /** For example {@code test-00000-of-00002.parquet}; numbers begin at 0 or 1. */
  private static final Pattern SHARD = Pattern.compile("(.*-)(\\d{1,9})-of-(\\d{1,9})(\\D.*)?");

  private Globs() {}

  static boolean isName(String pattern) {
    return pattern.chars().noneMatch(c -> "*?{}[]\\".indexOf(c) >= 0);
  }

  static List<String> matching(String pattern, Collection<String> names) {
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    return names.stream().filter(name -> matches(matcher, name)).sorted().toList();
  }

  /**
   * Names that this system cannot represent do not match, for example other scripts in C locale.
   */
  private static boolean matches(PathMatcher matcher, String name) {
    try {
      return matcher.matches(Path.of(name));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /** Whether every set of numbered files is complete. */
  static boolean hasAllShards(Collection<String> names) {
    Map<String, Set<Integer>> found = new HashMap<>();
    Map<String, Integer> expected = new HashMap<>();
    for (String name : names) {
      Matcher shard = SHARD.matcher(name);
      if (shard.matches()) {
        String set = shard.group(1) + shard.group(3) + shard.group(4);
        found.computeIfAbsent(set, key -> new HashSet<>()).add(Integer.valueOf(shard.group(2)));
        expected.put(set, Integer.valueOf(shard.group(3)));
      }
    }
    return found.entrySet().stream()
        .allMatch(entry -> entry.getValue().size() >= expected.get(entry.getKey()));
  }
}

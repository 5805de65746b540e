package ai.cacheblend.orchestrator.dataset;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A data set of the Hub, with configuration and split as the {@code datasets} library names them.
 *
 * @param name one of {@link DatasetTable}, or a repository: {@code ORGANISATION/NAME}
 * @param config empty: the data set's own default
 * @param split empty: the split that benchmarks use
 */
record DatasetRef(String name, Optional<String> config, Optional<String> split) {
  private static final Pattern SYNTAX =
      Pattern.compile("([^:@]+)(?::([A-Za-z0-9._-]+))?(?:@([A-Za-z0-9._-]+))?");

  /** {@code NAME[:CONFIG][@SPLIT]}; empty if it is nothing of the kind. */
  static Optional<DatasetRef> parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new DatasetRef(
                matcher.group(1),
                Optional.ofNullable(matcher.group(2)),
                Optional.ofNullable(matcher.group(3))))
        : Optional.empty();
  }

  /** What {@link #parse} reads. */
  @Override
  public String toString() {
    return name
        + config.map(value -> ":" + value).orElse("")
        + split.map(value -> "@" + value).orElse("");
  }
}

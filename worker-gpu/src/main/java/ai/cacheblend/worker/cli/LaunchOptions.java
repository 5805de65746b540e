package ai.cacheblend.worker.cli;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** What a worker reports about its start: without addresses, and without names of secret files. */
final class LaunchOptions {
  /** Reported elsewhere, or without effect on results. */
  private static final Set<String> OMITTED =
      Set.of("--host", "--port", "--exit-with-parent", "--drain-seconds");

  private static final Set<String> WITHOUT_VALUE =
      Set.of(
          "--tls-cert",
          "--tls-key",
          "--tls-client-ca",
          "--token-file",
          "--store",
          "--store-password-file",
          "--store-ca");

  private static final Pattern SECRET_PROPERTY =
      Pattern.compile("(?i)-D[^=]*(password|secret|token|credential)[^=]*=");

  private LaunchOptions() {}

  /** In alphabetical order, for example {@code --threads=4}. */
  static List<String> of(ParseResult command) {
    return command.matchedOptions().stream()
        .filter(option -> !OMITTED.contains(option.longestName()))
        .map(LaunchOptions::text)
        .distinct()
        .sorted()
        .toList();
  }

  private static String text(OptionSpec option) {
    return WITHOUT_VALUE.contains(option.longestName())
        ? option.longestName()
        : option.longestName() + "=" + String.join(",", option.originalStringValues());
  }

  /** Arguments of this JVM, without those that can hold a secret. */
  static List<String> jvmArguments() {
    return jvmArguments(ManagementFactory.getRuntimeMXBean().getInputArguments());
  }

  static List<String> jvmArguments(List<String> arguments) {
    return arguments.stream()
        .filter(argument -> !SECRET_PROPERTY.matcher(argument).lookingAt())
        .toList();
  }
}

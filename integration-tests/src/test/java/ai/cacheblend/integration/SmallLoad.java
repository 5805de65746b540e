package ai.cacheblend.integration;

import ai.cacheblend.mock.MockWorker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Load runs of few and short requests. */
final class SmallLoad {
  private static final List<String> DEFAULTS =
      List.of(
          "--pool-chunks",
          "8",
          "--chunks",
          "2",
          "--chunk-tokens",
          "16",
          "--suffix-tokens",
          "4",
          "--max-new-tokens",
          "3",
          "--warmup",
          "2",
          "--slices",
          "2");

  private SmallLoad() {}

  /**
   * Runs {@code load}.
   *
   * @param options in place of the defaults of this class, or beside them
   */
  static Cli run(Path out, List<MockWorker> workers, String... options) {
    List<String> arguments = new ArrayList<>(List.of("load"));
    workers.forEach(worker -> arguments.addAll(List.of("--worker", worker.address())));
    for (int i = 0; i < DEFAULTS.size(); i += 2) {
      if (!List.of(options).contains(DEFAULTS.get(i))) {
        arguments.addAll(DEFAULTS.subList(i, i + 2));
      }
    }
    arguments.addAll(List.of(options));
    arguments.addAll(List.of("--out", out.toString()));
    return Cli.run(arguments.toArray(String[]::new));
  }
}

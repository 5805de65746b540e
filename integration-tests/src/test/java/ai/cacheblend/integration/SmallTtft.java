package ai.cacheblend.integration;

import ai.cacheblend.mock.MockWorker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** TTFT runs of one length and few trials. */
final class SmallTtft {
  private SmallTtft() {}

  /** Runs {@code ttft} with further options. */
  static Cli run(Path out, MockWorker worker, String... options) {
    List<String> arguments = new ArrayList<>(List.of("ttft", "--worker", worker.address()));
    arguments.addAll(List.of("--lengths", "100", "--trials", "3", "--warmup", "0"));
    arguments.addAll(List.of(options));
    arguments.addAll(List.of("--out", out.toString()));
    return Cli.run(arguments.toArray(String[]::new));
  }
}

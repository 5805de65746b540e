package ai.cacheblend.orchestrator.records;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.testing.Golden;
import ai.cacheblend.orchestrator.testing.SampleRuns;
import ai.cacheblend.orchestrator.testing.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Golden files of the records. Their values follow by hand from {@link Samples}: client TTFT is 100
 * and 120 ms for full prefill, 25 and 30 ms for the other arms.
 */
final class ResultFormatTest {
  @TempDir Path folder;

  @Test
  void ttft() throws IOException {
    SampleRuns.small(folder);

    assertSame("ttft-result.json", folder.resolve("ttft/result.json"));
    assertSame("ttft-plan.json", folder.resolve("ttft/plan.json"));
    assertFirstOf(5 * 4, "ttft-trial.jsonl", folder.resolve("ttft/trials.jsonl"));
  }

  @Test
  void quality() throws IOException {
    SampleRuns.small(folder);

    assertSame("quality-result.json", folder.resolve("pocketwiki/result.json"));
    assertFirstOf(3, "quality-sample.jsonl", folder.resolve("pocketwiki/samples.jsonl"));
  }

  @Test
  void sweep() throws IOException {
    SampleRuns.sweep(folder);

    assertSame("sweep-result.json", folder.resolve("result.json"));
    assertSame("sweep-plan.json", folder.resolve("plan.json"));
  }

  @Test
  void gate() throws IOException {
    SampleRuns.gate(folder);

    assertSame("gate-result.json", folder.resolve("result.json"));
  }

  @Test
  void examples() throws IOException {
    SampleRuns.small(folder);

    assertSame("example.json", folder.resolve("ttft/example.json"));
  }

  private static void assertFirstOf(int count, String golden, Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(count);
    Golden.assertSame(golden, lines.get(0) + "\n");
  }

  private static void assertSame(String golden, Path file) throws IOException {
    Golden.assertSame(golden, Files.readString(file));
  }
}

package ai.cacheblend.orchestrator.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.plan.LoadPlan;
import ai.cacheblend.orchestrator.plan.LoadShape;
import ai.cacheblend.orchestrator.plan.LoadWorkload;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.TraceFile;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TraceTest {
  @TempDir private Path folder;

  private static TraceFile small() throws URISyntaxException {
    return TraceFile.read(
        Path.of(TraceTest.class.getResource("/traces/small.jsonl").toURI()).toString());
  }

  private static TracePrompts prompts(TraceFile file, int chunkTokens, int maxNewTokens) {
    TokenText text = new TokenText(ImmutableIntArray.copyOf(IntStream.range(100, 1100).toArray()));
    return new TracePrompts(
        new LoadWorkload.Trace(file, chunkTokens), maxNewTokens, text, OptionalInt.of(1));
  }

  @Test
  void hashIdsBecomeChunksAndTheLastBlockIsFresh() throws URISyntaxException {
    TracePrompts prompts = prompts(small(), 64, 100);
    Supplier<LoadPrompt> next = prompts.prompts(3);
    List<LoadPrompt> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(next.get());
    }

    // Hash ids 7 8 9 | 7 8 10 | 8 7 11 12 | 13, of which the last of each prompt is no chunk.
    assertThat(all)
        .extracting(LoadPrompt::chunkIds)
        .containsExactly(
            ImmutableIntArray.of(0, 1),
            ImmutableIntArray.of(0, 1),
            ImmutableIntArray.of(1, 0, 2),
            ImmutableIntArray.of());
    assertThat(all.get(0).chunks()).isEqualTo(all.get(1).chunks());
    assertThat(all.get(2).chunks().get(1)).isEqualTo(all.get(0).chunks().get(0));
    assertThat(prompts.pool()).hasSize(3).startsWith(all.get(0).chunks().get(0));
    // 1100 tokens are two blocks and 76 tokens: an eighth of that behind BOS.
    assertThat(all.get(0).shape().promptTokenCount()).isEqualTo(1 + 2 * 64 + 10);
    assertThat(all.get(3).shape().promptTokenCount()).isEqualTo(1 + 1);
    assertThat(all).extracting(LoadPrompt::maxNewTokens).containsExactly(3, 2, 4, 1);
    assertThat(prompts(small(), 64, 2).prompts(3).get().maxNewTokens()).isEqualTo(2);
  }

  @Test
  void theTimesOfTheTraceAreKeptOrScaled() throws URISyntaxException {
    OpenSchedule schedule =
        new OpenSchedule(
            1_000, new TraceGaps(small().requests(), 2), 0, LoadPlan.Extent.ofRequests(4));
    List<Long> due = new ArrayList<>();
    while (!schedule.exhausted()) {
      due.add(schedule.due().getAsLong());
      var unused = schedule.take();
    }

    // Timestamps 1000, 1000, 1500 and 3000 ms.
    assertThat(due).containsExactly(1_000L, 1_000L, 250_001_000L, 1_000_001_000L);
    assertThat(new LoadShape.Trace(small(), 2).points().get(0).value()).isEqualTo(3);
    assertThat(new LoadWorkload.Trace(small(), 64).maxTokens(100)).hasValue(3 * 64 + 61 + 4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"timestamp\": 1| line 2 is not JSON; write an object",
        "{\"timestamp\": 5, \"input_length\": 5, \"output_length\": 1, \"hash_ids\": [1]}"
            + "| line 2 field timestamp is 5.0; use 10.0 or more",
        "{\"timestamp\": 10, \"input_length\": 0, \"output_length\": 1, \"hash_ids\": []}"
            + "| line 2 field input_length is 0; use 1 or more",
        "{\"timestamp\": 10, \"input_length\": 5, \"output_length\": -1, \"hash_ids\": [1]}"
            + "| line 2 field output_length is -1; use",
        "{\"timestamp\": 10, \"input_length\": 600, \"output_length\": 1, \"hash_ids\": [1]}"
            + "| line 2 field hash_ids has 1 ids; give one for each of the 2 blocks",
        "{\"timestamp\": 10, \"input_length\": 5, \"hash_ids\": [1]}"
            + "| line 2 has no field 'output_length'; add it",
        "{\"timestamp\": 10, \"input_length\": 5, \"output_length\": 1, \"hash_ids\": [\"a\"]}"
            + "| line 2 field hash_ids holds \"a\"; use"
      })
  void aBadLineIsNamed(String line, String message) throws IOException {
    Path file = folder.resolve("trace.jsonl");
    Files.writeString(
        file,
        "{\"timestamp\": 10, \"input_length\": 5, \"output_length\": 1, \"hash_ids\": [1]}\n"
            + line
            + "\n");

    assertThatThrownBy(() -> TraceFile.read(file.toString()))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("trace " + file)
        .hasMessageContaining(message);
  }
}

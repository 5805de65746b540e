package ai.cacheblend.orchestrator.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.client.PromptSegment;
import ai.cacheblend.orchestrator.plan.ArmDefaults;
import ai.cacheblend.orchestrator.plan.ArmSyntax;
import ai.cacheblend.orchestrator.plan.PlanException;
import ai.cacheblend.orchestrator.plan.TtftPlan;
import ai.cacheblend.orchestrator.plan.WarmUp;
import ai.cacheblend.orchestrator.records.Phase;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TtftPromptsTest {

  @Test
  void promptsConsistOfBosChunksAndSuffix() {
    TtftPrompts prompts = new TtftPrompts(plan(10), OptionalInt.of(1), count -> ids(100, count));

    List<PromptSegment> segments = prompts.next(Phase.MEASURED, 30, 0).segments();

    assertThat(segments)
        .containsExactly(
            new PromptSegment(ImmutableIntArray.of(1), false),
            new PromptSegment(ids(100, 10), true),
            new PromptSegment(ids(110, 10), true),
            new PromptSegment(ids(120, 5), true),
            new PromptSegment(ids(125, 4), false));
  }

  @Test
  void repeatedChunksAreSkipped() {
    int[] calls = {0};
    TtftPrompts.Passages passages = count -> ids(calls[0]++ < 2 ? 100 : 500, count);
    TtftPrompts prompts = new TtftPrompts(plan(10), OptionalInt.empty(), passages);

    prompts.next(Phase.MEASURED, 30, 0);
    TtftPrompt second = prompts.next(Phase.MEASURED, 30, 1);

    assertThat(calls[0]).isEqualTo(3);
    assertThat(second.chunks().get(0)).isEqualTo(ids(500, 10));
  }

  @Test
  void textWithTooFewDifferentChunksIsRejected() {
    TtftPrompts prompts = new TtftPrompts(plan(1), OptionalInt.empty(), count -> ids(0, count));

    prompts.next(Phase.MEASURED, 30, 0);
    assertThatThrownBy(() -> prompts.next(Phase.MEASURED, 30, 1))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("chunk-tokens is 1");
  }

  private static TtftPlan plan(int chunkTokens) {
    return new TtftPlan(
        List.of(30),
        2,
        WarmUp.exactly(0),
        chunkTokens,
        TtftPlan.Suffix.ofTokens(4),
        ArmSyntax.parseAll("full_prefill", ArmDefaults.seed(0)),
        1,
        0,
        List.of("host:1"));
  }

  private static ImmutableIntArray ids(int from, int count) {
    return ImmutableIntArray.copyOf(IntStream.range(from, from + count));
  }
}

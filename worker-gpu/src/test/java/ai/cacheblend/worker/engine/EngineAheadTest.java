package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.engine.EngineCalls.FULL;
import static ai.cacheblend.worker.testing.EngineFixture.generate;
import static ai.cacheblend.worker.testing.EngineFixture.ids;
import static ai.cacheblend.worker.testing.EngineFixture.plain;
import static ai.cacheblend.worker.testing.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.engine.GenerateResult.Reason;
import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.testing.EngineFixture;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers whose steps are launched before the tokens of the step before are known. */
final class EngineAheadTest {
  private static final ImmutableIntArray LAST = ImmutableIntArray.of(SequenceStep.LAST_TOKEN);

  private final EngineFixture fixture = new EngineFixture(new BatchLimits(4, 64), 1_000_000);
  private final EngineCalls calls = new EngineCalls(fixture);

  EngineAheadTest() {
    fixture.runner.launchAhead();
  }

  @AfterEach
  void close() {
    calls.close();
  }

  @Test
  void laterStepsReferToTheTokensOfTheStepBefore() {
    GenerateResult result = calls.run(generate(prompt(plain("xyza")), FULL, 4));

    assertThat(calls.text()).isEqualTo("bcde");
    assertThat(result.newTokenCount()).isEqualTo(4);
    assertThat(calls.steps())
        .extracting(SequenceStep::positions)
        .containsExactly(
            Positions.upTo(4), Positions.only(4), Positions.only(5), Positions.only(6));
    assertThat(calls.steps())
        .extracting(SequenceStep::tokenIds)
        .containsExactly(ids("xyza"), ids("b"), LAST, LAST);
  }

  @Test
  void answerThatStopsHasOneRowInVain() {
    StopConditions atToken = new StopConditions(List.of(), Set.of((int) 'd'), false);
    GenerateResult result = calls.run(generate(prompt(plain("a")), FULL, 9, atToken));

    assertThat(result.reason()).isEqualTo(Reason.STOP_TOKEN);
    assertThat(result.newTokenCount()).isEqualTo(3);
    assertThat(calls.text()).isEqualTo("bc");
    assertThat(calls.steps()).hasSize(4);

    StopConditions atText = new StopConditions(List.of("def"), Set.of(), false);
    assertThat(calls.run(generate(prompt(plain("a")), FULL, 9, atText)).reason())
        .isEqualTo(Reason.STOP_STRING);
  }

  @Test
  void answerOfTheLargestLengthHasNoRowInVain() {
    for (int count = 1; count <= 4; count++) {
      int before = calls.steps().size();
      calls.run(generate(prompt(plain("a")), FULL, count));
      assertThat(calls.steps()).hasSize(before + count);
    }
  }

  @Test
  void requestsBesideEachOtherHaveTheirOwnTokens() {
    List<StringBuilder> texts = IntStream.range(0, 6).mapToObj(i -> new StringBuilder()).toList();
    List<Ticket<GenerateResult>> tickets =
        IntStream.range(0, 6)
            .mapToObj(
                i ->
                    fixture.engine.generate(
                        generate(prompt(plain("" + (char) ('a' + i))), FULL, 2 + i),
                        token -> texts.get(i).append(token.text()),
                        Interruption.NEVER))
            .toList();
    tickets.forEach(ticket -> ticket.result().join());

    assertThat(texts)
        .extracting(StringBuilder::toString)
        .containsExactly("bc", "cde", "defg", "efghi", "fghijk", "ghijklm");
  }
}

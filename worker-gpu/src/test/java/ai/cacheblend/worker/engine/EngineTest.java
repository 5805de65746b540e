package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.engine.EngineCalls.FULL;
import static ai.cacheblend.worker.engine.EngineCalls.REUSE;
import static ai.cacheblend.worker.engine.EngineCalls.deviation;
import static ai.cacheblend.worker.testing.EngineFixture.cached;
import static ai.cacheblend.worker.testing.EngineFixture.generate;
import static ai.cacheblend.worker.testing.EngineFixture.ids;
import static ai.cacheblend.worker.testing.EngineFixture.plain;
import static ai.cacheblend.worker.testing.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.cacheblend.worker.blend.Arm;
import ai.cacheblend.worker.blend.Selector.CheckStep;
import ai.cacheblend.worker.engine.GenerateResult.Reason;
import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.SequenceStep;
import ai.cacheblend.worker.testing.ByteCodec;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rows, tokens and durations of answers. */
final class EngineTest {
  private final EngineCalls calls = new EngineCalls();

  @AfterEach
  void close() {
    calls.close();
  }

  @Test
  void fullPrefillComputesAllRowsAndStreamsTokens() {
    GenerateResult result = calls.run(generate(prompt(plain("xyz"), cached("a")), FULL, 3));

    assertThat(calls.text()).isEqualTo("bcd");
    assertThat(result.reason()).isEqualTo(Reason.MAX_NEW_TOKENS);
    assertThat(result.rows()).isEqualTo(new RowCounts(4, 0, 0, 4, 0, 0));
    assertThat(result.newTokenCount()).isEqualTo(3);
    assertThat(calls.steps())
        .extracting(SequenceStep::positions)
        .containsExactly(Positions.upTo(4), Positions.only(4), Positions.only(5));
    assertThat(calls.steps().get(1).tokenIds()).isEqualTo(ids("b"));
  }

  @Test
  void reuseRunsForcedRowsOnly() {
    calls.collect("hello", "world");
    int before = calls.steps().size();

    GenerateResult result =
        calls.run(
            generate(
                prompt(plain("<"), cached("hello"), plain("|"), cached("world"), plain(">")),
                REUSE,
                1));

    assertThat(result.rows()).isEqualTo(new RowCounts(13, 10, 0, 3, 0, 0));
    assertThat(calls.steps().get(before).positions())
        .isEqualTo(new Positions.Listed(ImmutableIntArray.of(0, 6, 12)));
    assertThat(calls.steps().get(before).tokenIds()).isEqualTo(ids("<|>"));
    assertThat(result.durations().kvLoad().busyNanos()).as("rows placed").isEqualTo(10);
  }

  @Test
  void blendFiltersAtTheScheduledLayersAndReportsScores() {
    calls.collect("adcb", "zyx");
    Arm blend = deviation(new CheckStep(1, 0.5), new CheckStep(2, 0.25));
    GenerateCommand command =
        new GenerateCommand(
            prompt(plain("<"), cached("adcb"), cached("zyx"), plain(">")),
            blend,
            1,
            Sampling.GREEDY,
            StopConditions.NONE,
            new ReturnOptions(false, 0, 0, true, true));

    GenerateResult result = calls.run(command);

    // Of 7 cached rows 4, then 2 with the highest ids: z and y at 5 and 6.
    assertThat(result.activePositions().asList()).containsExactly(0, 5, 6, 8);
    assertThat(result.rows()).isEqualTo(new RowCounts(9, 5, 2, 2, 7 + 7 + 4, 0));
    assertThat(result.layerScores())
        .extracting(scores -> scores.positions().length())
        .containsExactly(7, 4);
    assertThat(result.layerScores()).extracting(scores -> scores.layer()).containsExactly(1, 2);
  }

  @Test
  void decodeStepsCompareNothing() {
    calls.collect("abcd");
    calls.run(generate(prompt(cached("abcd"), plain("e")), deviation(new CheckStep(1, 0.5)), 2));

    SequenceStep decode = calls.steps().get(calls.steps().size() - 1);
    assertThat(decode.positions()).isEqualTo(Positions.only(5));
    assertThat(decode.selection().keepCounts().asList()).containsExactly(-1, -1);
  }

  @Test
  void stopTokensAndStopStringsEndTheAnswer() {
    StopConditions atToken = new StopConditions(List.of(), Set.of((int) 'd'), false);
    assertThat(calls.run(generate(prompt(plain("a")), FULL, 9, atToken)).reason())
        .isEqualTo(Reason.STOP_TOKEN);
    assertThat(calls.tokens)
        .extracting(NewToken::tokenId)
        .containsExactly((int) 'b', (int) 'c', (int) 'd');
    assertThat(calls.text()).as("the stopping token has no text").isEqualTo("bc");

    calls.tokens.clear();
    StopConditions atText = new StopConditions(List.of("def"), Set.of(), false);
    GenerateResult result = calls.run(generate(prompt(plain("a")), FULL, 9, atText));
    assertThat(result.reason()).isEqualTo(Reason.STOP_STRING);
    assertThat(calls.text() + result.heldText()).isEqualTo("bc");
    assertThat(calls.tokens).extracting(NewToken::text).containsExactly("b", "c", "", "", "");

    calls.tokens.clear();
    result = calls.run(generate(prompt(plain("a")), FULL, 4, atText));
    assertThat(result.reason()).isEqualTo(Reason.MAX_NEW_TOKENS);
    assertThat(result.heldText()).isEqualTo("de");
  }

  @Test
  void logprobsAndTopTokensAreReturnedOnRequest() {
    GenerateCommand command =
        new GenerateCommand(
            prompt(plain("a")),
            FULL,
            2,
            Sampling.GREEDY,
            StopConditions.NONE,
            new ReturnOptions(true, 2, 1, false, false));

    GenerateResult result = calls.run(command);

    double partition = Math.log(Math.exp(3) + Math.exp(2) + ByteCodec.VOCABULARY_SIZE - 2);
    assertThat(calls.tokens.get(0).logprob().orElseThrow()).isCloseTo(3 - partition, within(1e-12));
    assertThat(calls.tokens.get(0).topLogprobs())
        .extracting(TokenValue::tokenId)
        .containsExactly((int) 'b', (int) 'c');
    assertThat(result.firstTopLogits()).containsExactly(new TokenValue('b', 3));
    calls.run(generate(prompt(plain("a")), FULL, 1));
    assertThat(calls.steps().get(calls.steps().size() - 1).outputs()).isEmpty();
  }

  @Test
  void durationsSumToTheTotal() {
    GenerateResult result = calls.run(generate(prompt(plain("a")), FULL, 3));

    // The ticker advances by one per read: arrival, start, logits, first token, and one per token.
    assertThat(result.durations().queueNanos()).isEqualTo(1);
    assertThat(result.durations().prefillNanos()).isEqualTo(1);
    assertThat(result.durations().firstSampleNanos()).isEqualTo(1);
    assertThat(result.durations().ttftNanos()).isEqualTo(2);
    assertThat(result.durations().decodeNanos()).isEqualTo(2);
  }
}

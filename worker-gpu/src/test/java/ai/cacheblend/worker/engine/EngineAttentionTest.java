package ai.cacheblend.worker.engine;

import static ai.cacheblend.worker.testing.EngineFixture.cached;
import static ai.cacheblend.worker.testing.EngineFixture.generate;
import static ai.cacheblend.worker.testing.EngineFixture.ids;
import static ai.cacheblend.worker.testing.EngineFixture.plain;
import static ai.cacheblend.worker.testing.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.worker.blend.Arm.CacheBlend;
import ai.cacheblend.worker.blend.Selector.HeadAttention;
import ai.cacheblend.worker.blend.Selector.QueryAttention;
import ai.cacheblend.worker.model.AttentionProbe;
import ai.cacheblend.worker.model.Positions;
import ai.cacheblend.worker.model.RowChoice;
import ai.cacheblend.worker.model.RowSelection;
import ai.cacheblend.worker.model.SequenceStep;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Steps of requests whose selector needs the attention of the question. */
final class EngineAttentionTest {
  private final EngineCalls calls = new EngineCalls();

  @AfterEach
  void close() {
    calls.close();
  }

  @Test
  void probeOfTheForcedRowsPrecedesTheSelection() {
    calls.collect("hello", "world");
    int before = calls.steps().size();
    Prompt prompt =
        prompt(plain("<"), cached("hello"), plain("|"), cached("world"), plain("?"), plain(">"));

    GenerateResult result =
        calls.run(
            generate(prompt, new CacheBlend(new QueryAttention(0.5, true, List.of(0, 2))), 1));

    assertThat(result.rows()).isEqualTo(new RowCounts(14, 5, 5, 4, 3 * 5, 3 * 4));
    SequenceStep probe = calls.steps().get(before);
    assertThat(probe.positions())
        .isEqualTo(new Positions.Listed(ImmutableIntArray.of(0, 6, 12, 13)));
    assertThat(probe.tokenIds()).isEqualTo(ids("<|?>"));
    assertThat(probe.probe()).contains(new AttentionProbe(ImmutableIntArray.of(0, 2), 2));
    assertThat(probe.selection()).isEqualTo(RowSelection.keepAll(List.of(1, 2)));
    SequenceStep prefill = calls.steps().get(before + 1);
    assertThat(prefill.positions()).isEqualTo(Positions.upTo(14));
    assertThat(prefill.selection().choice()).isEqualTo(new RowChoice(5, 3, 0, 0));
    assertThat(prefill.probe()).isEmpty();
  }

  @Test
  void promptWithoutCachedRowsNeedsNoProbe() {
    int before = calls.steps().size();
    GenerateResult result =
        calls.run(
            generate(prompt(plain("ab")), new CacheBlend(new HeadAttention(0.5, List.of())), 1));
    assertThat(result.rows()).isEqualTo(new RowCounts(2, 0, 0, 2, 0, 0));
    assertThat(calls.steps()).hasSize(before + 1);
  }

  @Test
  void layersThatTheModelLacksAreRefused() {
    calls.collect("ab");
    GenerateCommand command =
        generate(
            prompt(cached("ab"), plain("c")),
            new CacheBlend(new QueryAttention(0.5, false, List.of(1, 3))),
            1);
    assertThatExceptionOfType(WorkerException.class)
        .isThrownBy(() -> calls.run(command))
        .withMessage("attention_layers has layer 3; the model has layers 0 to 2");
  }
}

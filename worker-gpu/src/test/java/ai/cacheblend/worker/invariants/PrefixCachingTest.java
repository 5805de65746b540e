package ai.cacheblend.worker.invariants;

import static ai.cacheblend.worker.invariants.Arms.FULL_PREFILL;
import static ai.cacheblend.worker.invariants.Arms.PREFIX_CACHING;
import static ai.cacheblend.worker.invariants.Prompts.FOUR_CHUNKS;
import static ai.cacheblend.worker.invariants.Prompts.plain;
import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.engine.Interruption;
import ai.cacheblend.worker.engine.Prompt;
import ai.cacheblend.worker.engine.ResetResult;
import ai.cacheblend.worker.engine.RowCounts;
import ai.cacheblend.worker.invariants.TestWorker.Run;
import ai.cacheblend.worker.kv.KvPoolStatistics;
import com.google.common.primitives.ImmutableIntArray;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Reused blocks hold the KV that a full prefill computes. */
@ParameterizedClass
@EnumSource(SmallModel.class)
class PrefixCachingTest {
  private static final int BLOCK = 64;
  private static final int LENGTH = 150;
  private static final ImmutableIntArray IDS = Prompts.tokens(20, LENGTH);

  private final TestWorker worker;

  PrefixCachingTest(SmallModel model) {
    this.worker = new TestWorker(model);
  }

  @AfterEach
  void close() {
    KvPoolStatistics pool = worker.memory().statistics();
    worker.close();
    assertThat(pool.freeBlockCount()).isEqualTo(pool.totalBlockCount());
  }

  @Test
  void aPromptIsReusedUpToItsLastFullBlock() {
    Run full = worker.run(FOUR_CHUNKS, FULL_PREFILL, 3);
    Run first = worker.run(FOUR_CHUNKS, PREFIX_CACHING, 3);
    Run second = worker.run(FOUR_CHUNKS, PREFIX_CACHING, 3);
    assertThat(first.result().rows()).isEqualTo(rows(LENGTH, 0));
    assertThat(second.result().rows()).isEqualTo(rows(LENGTH, 2 * BLOCK));
    assertThat(second.activeRows()).hasSize(LENGTH - 2 * BLOCK).contains(LENGTH - 1);
    Closeness.assertSame("a miss", first, full);
    assertSameKv(second, full);
  }

  @Test
  void theLastRowIsComputedWhereThePromptEndsWithABlock() {
    Prompt prompt = Prompts.of(plain(Prompts.tokens(21, 2 * BLOCK)));
    Run full = worker.run(prompt, FULL_PREFILL, 3);
    worker.run(prompt, PREFIX_CACHING);
    Run hit = worker.run(prompt, PREFIX_CACHING, 3);
    assertThat(hit.result().rows()).isEqualTo(rows(2 * BLOCK, BLOCK));
    assertSameKv(hit, full);
    Prompt longer = Prompts.of(plain(Prompts.tokens(21, 2 * BLOCK)), plain(Prompts.QUESTION));
    assertThat(worker.run(longer, PREFIX_CACHING).result().rows().reused()).isEqualTo(2 * BLOCK);
  }

  /** Prompts that leave another one at every position around the ends of its blocks. */
  @Test
  void promptsShareTheFullBlocksBeforeTheirFirstDifference() {
    worker.run(Prompts.of(plain(IDS)), PREFIX_CACHING);
    for (int change : new int[] {0, 1, 62, 63, 64, 65, 127, 128, 129, 149}) {
      Prompt prompt = Prompts.of(plain(Prompts.changed(IDS, change)));
      Run full = worker.run(prompt, FULL_PREFILL, 2);
      Run run = worker.run(prompt, PREFIX_CACHING, 2);
      assertThat(run.result().rows()).isEqualTo(rows(LENGTH, change / BLOCK * BLOCK));
      assertSameKv(run, full);
    }
  }

  /** The tokens of the second block are those of another prompt's second block. */
  @Test
  void equalBlocksBehindDifferentOnesAreNotReused() {
    ImmutableIntArray block = Prompts.tokens(22, BLOCK);
    Prompt one =
        Prompts.of(plain(Prompts.tokens(23, BLOCK)), plain(block), plain(Prompts.QUESTION));
    Prompt other =
        Prompts.of(plain(Prompts.tokens(24, BLOCK)), plain(block), plain(Prompts.QUESTION));
    worker.run(one, PREFIX_CACHING);
    Run run = worker.run(other, PREFIX_CACHING, 2);
    assertThat(run.result().rows().reused()).isZero();
    assertSameKv(run, worker.run(other, FULL_PREFILL, 2));
  }

  /** Prompts that begin like others, more than the pool can keep. */
  @Test
  void resultsAreThoseOfAFullPrefillWhileBlocksAreEvicted() {
    Random random = new Random(7);
    int reused = 0;
    for (int round = 0; round < 60; round++) {
      ImmutableIntArray.Builder ids = ImmutableIntArray.builder();
      for (int part = 0; part < 5; part++) {
        ids.addAll(Prompts.tokens(30 + 10 * part + random.nextInt(3), 40 + random.nextInt(3)));
      }
      Prompt prompt = Prompts.of(plain(ids.build()));
      Run run = worker.run(prompt, PREFIX_CACHING, 2);
      reused += run.result().rows().reused();
      assertThat(run.tokens()).isEqualTo(worker.run(prompt, FULL_PREFILL, 2).tokens());
    }
    assertThat(reused).isPositive();
    assertThat(worker.memory().statistics().evictedBlockCount()).isPositive();
    assertThat(worker.memory().statistics().cachedBlockCount()).isPositive();
  }

  @Test
  void otherArmsNeitherFillNorReadTheCache() {
    worker.collect(FOUR_CHUNKS);
    for (var arm : List.of(FULL_PREFILL, Arms.FULL_KV_REUSE, Arms.byValue(0.3))) {
      worker.run(FOUR_CHUNKS, arm);
    }
    assertThat(worker.memory().statistics().cachedBlockCount()).isZero();
    worker.run(FOUR_CHUNKS, PREFIX_CACHING);
    assertThat(worker.memory().statistics().cachedBlockCount()).isEqualTo(2);
    assertThat(worker.run(FOUR_CHUNKS, FULL_PREFILL).result().rows()).isEqualTo(rows(LENGTH, 0));
  }

  @Test
  void resetDropsCachedBlocks() {
    worker.collect(FOUR_CHUNKS);
    worker.run(FOUR_CHUNKS, PREFIX_CACHING);
    ResetResult one =
        worker
            .engine()
            .reset(List.of(worker.collect(FOUR_CHUNKS).chunks().get(0).key()), Interruption.NEVER)
            .result()
            .join();
    assertThat(one.prefixBlockCount()).isZero();
    ResetResult all = worker.engine().reset(List.of(), Interruption.NEVER).result().join();
    assertThat(all.prefixBlockCount()).isEqualTo(2);
    assertThat(all.chunkCount()).isEqualTo(3);
    assertThat(worker.run(FOUR_CHUNKS, PREFIX_CACHING).result().rows().reused()).isZero();
  }

  private static RowCounts rows(int prompt, int reused) {
    return new RowCounts(prompt, reused, 0, prompt - reused, 0, 0);
  }

  private static void assertSameKv(Run run, Run full) {
    assertThat(run.tokens()).isEqualTo(full.tokens());
    Closeness.assertClose("KV", run.kv(), full.kv());
    Closeness.assertClose(
        "logits",
        run.prefill().output().logits().orElseThrow().toArray(),
        full.prefill().output().logits().orElseThrow().toArray());
  }
}

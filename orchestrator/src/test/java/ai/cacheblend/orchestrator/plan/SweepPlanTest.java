package ai.cacheblend.orchestrator.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class SweepPlanTest {
  private static final List<NamedArm> ARMS =
      ArmSyntax.parseAll("full_prefill,full_kv_reuse,cacheblend@0.15", ArmDefaults.seed(0));

  @Test
  void promptsHaveCompleteChunks() {
    SweepPlan plan = plan(List.of(4, 6), List.of(), TtftPlan.Suffix.ofTokens(32));

    assertThat(plan.ttft(1)).extracting(TtftPlan::chunkTokens).containsExactly(256, 512);
    assertThat(plan.ttft(1).get(0).lengths()).containsExactly(1 + 4 * 256 + 32, 1 + 6 * 256 + 32);
    assertThat(plan.ttft(0).get(1).lengths()).containsExactly(4 * 512 + 32, 6 * 512 + 32);
    assertThat(plan.ttft(1).get(0).arms()).isEqualTo(ARMS);
  }

  @Test
  void suffixFractionKeepsCompleteChunks() {
    SweepPlan plan =
        plan(List.of(1, 2, 3, 4, 5, 6, 7), List.of(), TtftPlan.Suffix.ofFraction(0.25));

    for (TtftPlan ttft : plan.ttft(1)) {
      for (int i = 0; i < 7; i++) {
        int length = ttft.lengths().get(i);
        assertThat(length - 1 - ttft.suffix().tokenCount(length))
            .isEqualTo((i + 1) * ttft.chunkTokens());
      }
    }
  }

  @Test
  void givenLengthsAreUsedUnchanged() {
    SweepPlan plan = plan(List.of(), List.of(512, 1024), TtftPlan.Suffix.ofFraction(0.25));

    assertThat(plan.ttft(1)).allMatch(ttft -> ttft.lengths().equals(List.of(512, 1024)));
  }

  @Test
  void tiersRunTheArmsThatReadChunksOnTheSamePrompts() {
    ChunkSource host = new ChunkSource(Tier.HOST, OptionalLong.empty());
    ChunkSource limited = new ChunkSource(Tier.HOST, OptionalLong.of(3_000_000_000L));
    List<TtftPlan> plans = plan(List.of(host, limited)).ttft(1);

    assertThat(plans)
        .extracting(TtftPlan::chunkTokens)
        .containsExactly(256, 256, 256, 512, 512, 512);
    assertThat(plans)
        .extracting(TtftPlan::source)
        .startsWith(Optional.empty(), Optional.of(host), Optional.of(limited), Optional.empty());
    assertThat(plans.get(0).arms()).isEqualTo(ARMS);
    assertThat(plans.get(1).arms()).isEqualTo(ARMS.subList(1, 3));
    assertThat(plans.get(2).lengths()).isEqualTo(plans.get(0).lengths());
    assertThat(plans.get(2).seed()).isEqualTo(plans.get(0).seed());
    assertRefused(() -> plan(List.of(limited, host, limited)), "tiers has host@3GB/s twice");
  }

  @Test
  void invalidPlansAreRejected() {
    TtftPlan.Suffix suffix = TtftPlan.Suffix.ofTokens(32);
    assertRefused(() -> plan(List.of(4), List.of(512), suffix), "chunk-counts and lengths");
    assertRefused(() -> plan(List.of(), List.of(), suffix), "chunk-counts and lengths");
    assertRefused(() -> plan(List.of(4, 4), List.of(), suffix), "chunk-counts has 4 twice");
    assertRefused(() -> plan(List.of(0), List.of(), suffix), "chunk-counts has 0");
    assertRefused(
        () -> plan(List.of(1_000_000_000), List.of(), suffix).ttft(1),
        "chunk-counts has 1000000000, with chunks of 256 tokens more than");
    SweepPlan plan = plan(List.of(4), List.of(), suffix);
    assertRefused(
        () -> new SweepPlan(ARMS.subList(0, 1), plan.speed(), plan.data(), 0, plan.workers()),
        "arms has no full_kv_reuse");
    assertRefused(() -> plan.with(List.of()), "quality is empty");
    assertRefused(
        () -> plan.with(List.of(plan.data().get(0), plan.data().get(0))),
        "quality has dataset pocketwiki twice");
  }

  private static void assertRefused(Runnable plan, String message) {
    assertThatThrownBy(plan::run).isInstanceOf(PlanException.class).hasMessageContaining(message);
  }

  private static SweepPlan plan(
      List<Integer> chunkCounts, List<Integer> lengths, TtftPlan.Suffix suffix) {
    return plan(chunkCounts, lengths, suffix, List.of());
  }

  private static SweepPlan plan(List<ChunkSource> tiers) {
    return plan(List.of(4), List.of(), TtftPlan.Suffix.ofTokens(32), tiers);
  }

  private static SweepPlan plan(
      List<Integer> chunkCounts,
      List<Integer> lengths,
      TtftPlan.Suffix suffix,
      List<ChunkSource> tiers) {
    return new SweepPlan(
        ARMS,
        new SweepPlan.Speed(
            List.of(256, 512), chunkCounts, lengths, suffix, 3, WarmUp.exactly(1), 10, tiers),
        List.of(SweepPlan.Data.of("pocketwiki", 10, 0.02)),
        7,
        List.of("gpu1:50051"));
  }
}

package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.proto.v1.DescribeRequest;
import ai.cacheblend.proto.v1.TierStatistics;
import ai.cacheblend.soak.Stress;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A short run of {@code benchmarks/soak/stress}; the growth of memory is judged there. */
final class StressIT {
  private static final int REQUESTS = 400;
  private static final long SEED = 3;

  /** With KV memory for all running requests, and for about four of them. */
  @ParameterizedTest
  @ValueSource(strings = {"168m", "20m"})
  @Timeout(600)
  void everyRequestEndsOnceWithTheAnswerThatItHasAlone(String kvMemory) throws Exception {
    List<TierStatistics> none = requireEqualAnswers("--kv-memory", kvMemory, "--step-rows", "128");

    assertThat(none).isEmpty();
  }

  /** Chunks of about 15 MB: every tier evicts, and loads, collections and demotions overlap. */
  @Test
  @Timeout(600)
  void chunksMoveBetweenFullTiers(@TempDir Path folder) throws Exception {
    List<TierStatistics> tiers =
        requireEqualAnswers(
            "--chunk-memory",
            "8m",
            "--host-memory",
            "6m",
            "--disk",
            folder.toString(),
            "--disk-size",
            "8m");

    assertThat(tiers)
        .hasSize(2)
        .allMatch(tier -> tier.getHitCount() > 0 && tier.getEvictedCount() > 0);
  }

  /** Returns the tiers after the last call. */
  private static List<TierStatistics> requireEqualAnswers(String... options) throws Exception {
    try (RealWorker worker = RealWorker.serve(Program.embeddedModel(), options)) {
      ManagedChannel channel =
          ManagedChannelBuilder.forTarget(worker.address()).usePlaintext().build();
      Stress stress = new Stress(channel, SEED);
      stress.run(REQUESTS, sent -> {});
      channel.shutdownNow();
      List<TierStatistics> tiers =
          worker.calls().describe(DescribeRequest.getDefaultInstance()).getTiersList();

      assertThat(stress.violations()).as(stress.table()).isEmpty();
      assertThat(worker.terminate()).isZero();
      return tiers;
    }
  }
}

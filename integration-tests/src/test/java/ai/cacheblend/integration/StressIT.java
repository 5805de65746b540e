package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.soak.Stress;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import org.junit.jupiter.api.Timeout;
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
    try (RealWorker worker =
        RealWorker.serve(Program.embeddedModel(), "--kv-memory", kvMemory, "--step-rows", "128")) {
      ManagedChannel channel =
          ManagedChannelBuilder.forTarget(worker.address()).usePlaintext().build();
      Stress stress = new Stress(channel, SEED);
      stress.run(REQUESTS, sent -> {});
      channel.shutdownNow();

      assertThat(stress.violations()).as(stress.table()).isEmpty();
      assertThat(worker.terminate()).isZero();
    }
  }
}

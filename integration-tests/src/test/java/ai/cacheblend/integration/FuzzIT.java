package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.fuzz.Fuzz;
import ai.cacheblend.fuzz.FuzzResult;
import com.google.common.net.HostAndPort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A short run of {@code benchmarks/fuzz/run}; latency and memory are judged there. */
final class FuzzIT {
  private static final int REQUESTS = 1000;
  private static final long SEED = 7;

  @Test
  @Timeout(600)
  void hostileRequestsEndWithDocumentedStatusesAndLeaveNothingBehind() throws Exception {
    try (RealWorker worker = RealWorker.serve(Program.embeddedModel())) {
      FuzzResult result =
          Fuzz.run(HostAndPort.fromString(worker.address()), worker.pid(), REQUESTS, SEED);

      assertThat(result.violations()).as(result.table()).isEmpty();
      assertThat(worker.terminate()).isZero();
    }
  }
}

package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import ai.cacheblend.proto.v1.AcquireLeaseRequest;
import ai.cacheblend.proto.v1.AcquireLeaseResponse;
import ai.cacheblend.proto.v1.TokenizeRequest;
import ai.cacheblend.proto.v1.TokenizeResponse;
import ai.cacheblend.proto.v1.WorkerGrpc;
import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two clients of one worker. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class MockLeaseIT {
  private static final String OTHER = "ada@host-a, pid 4711, ttft";

  /** The fifth answer belongs to the second of three trials of three arms each. */
  private static final int CALL = 5;

  @TempDir Path folder;

  @Test
  void runHoldsALeaseUntilItEnds() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      ConcurrentLinkedQueue<String> holders = new ConcurrentLinkedQueue<>();
      CompletableFuture<Void> unused =
          worker.journal().whenGenerated(CALL).thenRun(() -> holders.addAll(worker.leaseHolders()));
      Cli cli = ttft(worker);

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      assertThat(holders)
          .singleElement()
          .asString()
          .contains("@", ", pid " + ProcessHandle.current().pid() + ", ttft, since 20");
      assertThat(worker.leaseHolders()).isEmpty();
    }
  }

  @Test
  void leasedWorkerIsRejectedWithTheNameOfTheHolder() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      lease(worker, false);

      for (String option : List.of("--overwrite", "--shared")) {
        Cli cli = ttft(worker, option);
        assertThat(cli.exitCode()).isEqualTo(1);
        assertThat(cli.error()).contains(worker.address()).contains(OTHER);
      }
      assertThat(worker.journal().generated()).isEmpty();
      assertThat(worker.leaseHolders()).containsExactly(OTHER);
      assertThat(folder.resolve("plan.json")).doesNotExist();
    }
  }

  @Test
  void trialWithForeignRequestsIsInvalid() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      lease(worker, true);
      CompletableFuture<Void> unused =
          worker.journal().whenGenerated(CALL).thenRun(() -> foreignRequest(worker));
      Cli cli = ttft(worker, "--shared");

      assertThat(cli.exitCode()).as(cli.err()).isEqualTo(5);
      JsonNode row = JsonFiles.read(folder.resolve("result.json")).at("/rows/0");
      assertThat(row.get("n").intValue()).isEqualTo(2);
      assertThat(row.get("invalid").intValue()).isEqualTo(1);
      assertThat(JsonFiles.lines(folder.resolve("trials.jsonl")))
          .filteredOn(line -> line.get("trial").intValue() == 1)
          .hasSize(3)
          .allSatisfy(
              line ->
                  assertThat(line.get("problem").asText())
                      .isEqualTo("foreign requests on the worker during the trial: 1"));
    }
  }

  @Test
  void leaseOfAKilledRunOfThisHostIsWaitedFor() throws Exception {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      ConcurrentLinkedQueue<String> own = new ConcurrentLinkedQueue<>();
      CompletableFuture<Void> unused =
          worker.journal().whenGenerated(CALL).thenRun(() -> own.addAll(worker.leaseHolders()));
      assertThat(ttft(worker).exitCode()).isZero();
      Process killed = new ProcessBuilder("true").start();
      killed.waitFor();
      String holder =
          own.element()
              .replace("pid " + ProcessHandle.current().pid() + ",", "pid " + killed.pid() + ",");
      lease(worker, holder, false);
      // The first call connects, the second one asks for the holder.
      CompletableFuture<Void> unusedEnd =
          worker.journal().whenDescribed(2).thenRun(worker::endLeases);

      Cli cli = ttft(worker, "--overwrite");

      assertThat(cli.exitCode()).as(cli.err()).isZero();
      assertThat(cli.err())
          .contains(
              "waiting up to 20 s for the lease of an ended run on worker " + worker.address());
    }
  }

  @Test
  void runThatLosesItsLeaseEnds() throws IOException {
    try (MockWorker worker = MockWorker.start(MockScript.sound())) {
      CompletableFuture<Void> unused =
          worker.journal().whenGenerated(CALL).thenRun(worker::endLeases);
      Cli cli = ttft(worker);

      assertThat(cli.exitCode()).isEqualTo(1);
      assertThat(cli.error())
          .contains("no worker is left")
          .contains("FAILED_PRECONDITION: the lease of this call has ended");
    }
  }

  private static void lease(MockWorker worker, boolean shared) {
    lease(worker, OTHER, shared);
  }

  private static void lease(MockWorker worker, String holder, boolean shared) {
    ManagedChannel channel = channel(worker);
    AcquireLeaseResponse unused =
        WorkerGrpc.newBlockingStub(channel)
            .acquireLease(
                AcquireLeaseRequest.newBuilder()
                    .setHolder(holder)
                    .setTtlSeconds(60)
                    .setShared(shared)
                    .build());
    channel.shutdownNow();
  }

  private static void foreignRequest(MockWorker worker) {
    ManagedChannel channel = channel(worker);
    TokenizeResponse unused =
        WorkerGrpc.newBlockingStub(channel)
            .tokenize(TokenizeRequest.newBuilder().addTexts("x").build());
    channel.shutdownNow();
  }

  private static ManagedChannel channel(MockWorker worker) {
    return ManagedChannelBuilder.forTarget(worker.address()).usePlaintext().build();
  }

  private Cli ttft(MockWorker worker, String... options) {
    return SmallTtft.run(folder, worker, options);
  }
}

package ai.cacheblend.orchestrator.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.orchestrator.testing.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LeaseWaitTest {
  private final ManualClock clock = new ManualClock();
  private final List<String> messages = new ArrayList<>();
  private int attempts;

  @Test
  void leaseOfAnEndedRunIsWaitedFor() {
    run(() -> attempts > 3, List.of("ended"));

    assertThat(attempts).isEqualTo(4);
    assertThat(messages)
        .containsExactly("waiting up to 20 s for the lease of an ended run on worker host:1");
  }

  @Test
  void freeWorkerNeedsNoWait() {
    run(() -> true, List.of());

    assertThat(attempts).isOne();
    assertThat(messages).isEmpty();
  }

  @Test
  void liveRunIsNotWaitedFor() {
    assertThatThrownBy(() -> run(() -> attempts > 3, List.of("ended", "live")))
        .isInstanceOf(WorkerException.class);

    assertThat(attempts).isOne();
    assertThat(messages).isEmpty();
  }

  @Test
  void waitEndsAtTheLimit() {
    long begin = clock.read();

    assertThatThrownBy(() -> run(() -> false, List.of("ended")))
        .isInstanceOf(WorkerException.class)
        .hasMessageContaining("leased");

    assertThat(Duration.ofNanos(clock.read() - begin)).isEqualTo(LeaseWait.LIMIT);
  }

  @Test
  void otherFailuresAreNotRepeated() {
    assertThatThrownBy(
            () ->
                wait(
                    () -> {
                      attempts++;
                      throw failure("UNAVAILABLE");
                    },
                    List.of("ended")))
        .isInstanceOf(WorkerException.class);

    assertThat(attempts).isOne();
  }

  @Test
  void holderNamesAProcessOfThisHost() throws IOException, InterruptedException {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();

    assertThat(LeaseHolder.isEndedHere(LeaseHolder.of(process.pid(), "ttft", Instant.EPOCH)))
        .isTrue();
    assertThat(LeaseHolder.isEndedHere(LeaseHolder.of("ttft", Instant.EPOCH))).isFalse();
    assertThat(LeaseHolder.isEndedHere("ada@elsewhere, pid 999999999, ttft")).isFalse();
    assertThat(LeaseHolder.isEndedHere("a test")).isFalse();
  }

  private interface Condition {
    boolean holds();
  }

  private void run(Condition free, List<String> holders) {
    wait(
        () -> {
          attempts++;
          if (!free.holds()) {
            throw failure("FAILED_PRECONDITION");
          }
        },
        holders);
  }

  private void wait(Runnable acquire, List<String> holders) {
    new LeaseWait(clock, pause -> clock.advance(pause.toNanos()), messages::add, "ended"::equals)
        .run("host:1", acquire, () -> holders);
  }

  private static WorkerException failure(String status) {
    return new WorkerException(
        WorkerException.Kind.UNREACHABLE, "host:1", status, "the worker is leased", null);
  }
}

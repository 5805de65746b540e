package ai.cacheblend.worker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.cacheblend.worker.engine.FailureKind;
import ai.cacheblend.worker.engine.WorkerException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BoundedExecutorTest {
  @Test
  void rejectsCallsAboveThreadsAndQueue() throws InterruptedException {
    ExecutorService executor = BoundedExecutor.create("text", 2, 3);
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(5);
    for (int call = 0; call < 5; call++) {
      executor.execute(
          () -> {
            try {
              release.await();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            done.countDown();
          });
    }

    assertThatExceptionOfType(WorkerException.class)
        .isThrownBy(() -> executor.execute(() -> {}))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(FailureKind.CAPACITY_EXCEEDED))
        .withMessageContainingAll("text", "3 calls");

    release.countDown();
    done.await();
    executor.shutdown();
    assertThat(executor.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThatExceptionOfType(WorkerException.class)
        .isThrownBy(() -> executor.execute(() -> {}))
        .satisfies(e -> assertThat(e.kind()).isEqualTo(FailureKind.SHUTTING_DOWN));
  }
}

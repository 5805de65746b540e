package ai.cacheblend.orchestrator.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class EventLoopTest {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  @Test
  void looksForMoreWhileItIsAlertAndSleepsOtherwise() throws Exception {
    try (EventLoop loop = new EventLoop("loop")) {
      Thread thread = thread(loop);
      awaitSleep(thread);

      loop.setAlertness(Duration.ofMinutes(10));
      assertThat(thread(loop)).isSameAs(thread);
      long before = cpuNanos(thread);
      while (cpuNanos(thread) < before + 200_000_000) {
        Thread.sleep(1);
      }
      assertThat(thread(loop)).isSameAs(thread);

      loop.setAlertness(Duration.ofMillis(50));
      assertThat(thread(loop)).isSameAs(thread);
      awaitSleep(thread);
    }
  }

  private static Thread thread(EventLoop loop) {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    loop.run(() -> thread.complete(Thread.currentThread()), thread::completeExceptionally);
    return thread.join();
  }

  private static void awaitSleep(Thread thread) throws InterruptedException {
    long before;
    do {
      before = cpuNanos(thread);
      Thread.sleep(200);
    } while (cpuNanos(thread) > before + 20_000_000);
  }

  private static long cpuNanos(Thread thread) {
    return THREADS.getThreadCpuTime(thread.getId());
  }
}

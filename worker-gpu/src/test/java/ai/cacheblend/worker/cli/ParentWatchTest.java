package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ParentWatchTest {
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final PipedOutputStream parent = new PipedOutputStream();

  @Test
  void startingProcessExitsImmediately() throws IOException, InterruptedException {
    watch();

    parent.close();

    assertThat(events.take()).isEqualTo("exit");
  }

  @Test
  void servingProcessShutsDownOrIsHalted() throws IOException, InterruptedException {
    watch().onEnd(() -> events.add("shut down"));

    parent.close();

    assertThat(events.take()).isEqualTo("shut down");
    assertThat(events.take()).isEqualTo("halt");
  }

  /** The parent may end between the start of the worker and the registration of its action. */
  @Test
  void actionThatIsSetAfterTheEndRunsAtOnce() throws IOException, InterruptedException {
    ParentWatch watch = watch();
    parent.close();
    assertThat(events.take()).isEqualTo("exit");

    watch.onEnd(() -> events.add("shut down"));

    assertThat(events.poll()).isEqualTo("shut down");
  }

  @Test
  void inputDoesNotEndTheProcess() throws IOException, InterruptedException {
    watch().onEnd(() -> events.add("shut down"));

    parent.write(new byte[100]);
    parent.flush();
    events.add("written");
    parent.close();

    assertThat(events.take()).isEqualTo("written");
    assertThat(events.take()).isEqualTo("shut down");
  }

  private ParentWatch watch() throws IOException {
    ParentWatch watch =
        new ParentWatch(
            new PipedInputStream(parent),
            Duration.ZERO,
            new ParentWatch.Exit() {
              @Override
              public void exit() {
                events.add("exit");
              }

              @Override
              public void halt() {
                events.add("halt");
              }
            });
    watch.start();
    return watch;
  }
}

package ai.cacheblend.worker.cli;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * Ends this process with the process that started it. The parent holds the other end of standard
 * input and writes nothing. The system closes that end when the parent exits for any reason,
 * SIGKILL included.
 */
final class ParentWatch {
  /** Beyond the drain time: closing the session and freeing its memory. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

  /** What ends the JVM. */
  interface Exit {
    /** Runs the shutdown hooks. */
    void exit();

    /** Ends the process at once. */
    void halt();
  }

  private static final int STATUS = 1;

  private final InputStream parent;
  private final Duration limit;
  private final Exit exit;

  @GuardedBy("this")
  private Runnable action;

  @GuardedBy("this")
  private boolean ended;

  /**
   * A watch of {@code parent}, which ends with the parent.
   *
   * @param drain time that running requests have after the action
   */
  ParentWatch(InputStream parent, Duration drain) {
    this(
        parent,
        drain.plus(CLOSE_LIMIT),
        new Exit() {
          @Override
          public void exit() {
            System.exit(STATUS);
          }

          @Override
          public void halt() {
            Runtime.getRuntime().halt(STATUS);
          }
        });
  }

  /**
   * As above.
   *
   * @param limit time between the action and the end of a process that has not ended by itself
   */
  ParentWatch(InputStream parent, Duration limit, Exit exit) {
    this.parent = parent;
    this.limit = limit;
    this.exit = exit;
  }

  /** Starts the watch. Until {@link #onEnd}, the end of the parent ends this process at once. */
  void start() {
    Thread thread = new Thread(this::watch, "parent watch");
    thread.setDaemon(true);
    thread.start();
  }

  /** Runs {@code newAction} when the parent ends, or now if it has ended. */
  void onEnd(Runnable newAction) {
    boolean now;
    synchronized (this) {
      action = newAction;
      now = ended;
    }
    if (now) {
      newAction.run();
    }
  }

  private void watch() {
    awaitEnd();
    Runnable shutdown;
    synchronized (this) {
      ended = true;
      shutdown = action;
    }
    if (shutdown == null) {
      exit.exit();
      return;
    }
    shutdown.run();
    try {
      Thread.sleep(limit.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    exit.halt();
  }

  private void awaitEnd() {
    try {
      while (parent.read() >= 0) {
        // The parent writes nothing; input has no meaning.
      }
    } catch (IOException e) {
      // A pipe that cannot be read has no parent.
    }
  }
}

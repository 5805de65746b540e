package ai.cacheblend.orchestrator.cli;

import static ai.cacheblend.orchestrator.plan.PlanException.require;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The folder of {@code --out}, locked against other runs until it is closed. The lock file is not
 * removed: removal would allow two holders.
 */
final class OutputFolder implements AutoCloseable {

  /** Treatment of an existing run in the folder. */
  enum Mode {
    /** Reject the command. */
    NEW,
    /** Continue the run. */
    RESUME,
    /** Remove the run when the new one begins. */
    OVERWRITE
  }

  private static final String LOCK = ".lock";

  /** A folder with one of these files contains a run. */
  private static final List<String> RUN_FILES =
      List.of(
          "plan.json",
          "result.json",
          "trials.jsonl",
          "samples.jsonl",
          "requests.jsonl",
          "slices.jsonl");

  private static final List<String> DERIVED_FILES =
      List.of("example.json", "report.html", "summary.md");

  /** Wait for the main thread, which may be blocked in a call to a worker. */
  private static final Duration HINT_DELAY = Duration.ofSeconds(2);

  private final Optional<Path> folder;
  private final Mode mode;
  private final Optional<FileChannel> lock;
  private final boolean made;
  private final CountDownLatch closed = new CountDownLatch(1);
  private boolean begun;
  private Optional<Thread> interruptHint = Optional.empty();

  private OutputFolder(Optional<Path> folder, Mode mode, Optional<FileChannel> lock, boolean made) {
    this.folder = folder;
    this.mode = mode;
    this.lock = lock;
    this.made = made;
  }

  /** For runs whose results are not kept. */
  static OutputFolder none() {
    return new OutputFolder(Optional.empty(), Mode.NEW, Optional.empty(), false);
  }

  /**
   * Locks {@code folder}; creates it if it does not exist.
   *
   * @throws ai.cacheblend.orchestrator.plan.PlanException if it contains a run and mode is NEW
   * @throws OutputException if another run holds the lock
   */
  static OutputFolder open(Path folder, Mode mode) {
    try {
      boolean made = !Files.exists(folder);
      Files.createDirectories(folder);
      require(
          mode != Mode.NEW || runs(folder).isEmpty(),
          "out is "
              + folder
              + ", which contains a run; give another folder, --resume to continue the run, or"
              + " --overwrite to replace it");
      FileChannel channel =
          FileChannel.open(
              folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locked(channel)) {
        channel.close();
        throw new OutputException(
            "out is "
                + folder
                + ", to which another run writes; wait for it or give another folder");
      }
      return new OutputFolder(Optional.of(folder), mode, Optional.of(channel), made);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use " + folder + " as --out: " + e.getMessage(), e);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /**
   * Removes the run that is replaced. Call after all validation of the new run.
   *
   * @param err receives a hint about {@code --resume} if the process exits before {@link #close}
   */
  void begin(PrintStream err) {
    begun = true;
    interruptHint = folder.map(to -> new Thread(() -> hint(err, to), "resume hint"));
    interruptHint.ifPresent(Runtime.getRuntime()::addShutdownHook);
    removeReplaced();
  }

  /** Waits for the end of the run: progress on a terminal would erase earlier output. */
  private void hint(PrintStream err, Path to) {
    try {
      closed.await(HINT_DELAY.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    err.print(resumeHint(to));
  }

  /** Printed if the process exits before the end of the run. */
  static String resumeHint(Path folder) {
    return "\ninterrupted; complete blocks are in "
        + folder
        + "\nto continue, repeat the command with --resume --out "
        + folder
        + "\n";
  }

  private void removeReplaced() {
    if (mode != Mode.OVERWRITE || folder.isEmpty()) {
      return;
    }
    try {
      for (Path run : runs(folder.get())) {
        for (String file : Stream.concat(RUN_FILES.stream(), DERIVED_FILES.stream()).toList()) {
          Files.deleteIfExists(run.resolve(file));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot remove the run in " + folder.get() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Those of the folder and its direct subfolders, such as the parts of a sweep, that contain a
   * run.
   */
  private static List<Path> runs(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return Stream.concat(Stream.of(folder), entries.filter(Files::isDirectory).sorted())
          .filter(OutputFolder::holdsRun)
          .toList();
    }
  }

  /** A command that fails before its run begins leaves no folder. */
  private static void removeIfEmpty(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      if (entries.anyMatch(entry -> !entry.endsWith(LOCK))) {
        return;
      }
    }
    Files.delete(folder.resolve(LOCK));
    Files.delete(folder);
  }

  private static boolean holdsRun(Path folder) {
    return RUN_FILES.stream().anyMatch(file -> Files.exists(folder.resolve(file)));
  }

  private static void forget(Thread hint) {
    try {
      Runtime.getRuntime().removeShutdownHook(hint);
    } catch (IllegalStateException e) {
      // This process is exiting: the hook runs or has run.
    }
  }

  @Override
  public void close() {
    closed.countDown();
    interruptHint.ifPresent(OutputFolder::forget);
    if (lock.isPresent()) {
      try {
        if (made && !begun) {
          removeIfEmpty(folder.get());
        }
        lock.get().close();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot unlock " + folder.get() + ": " + e.getMessage(), e);
      }
    }
  }
}

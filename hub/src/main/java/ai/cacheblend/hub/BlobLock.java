package ai.cacheblend.hub;

import static ai.cacheblend.hub.HubException.Reason.CACHE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A lock between processes. Its file stays: a process that waits for it has it open.
 *
 * <p>Waiting is polling: the kernel takes two processes that each hold one file and wait for
 * another for a deadlock, although different threads do so.
 */
final class BlobLock implements AutoCloseable {

  private static final long POLL_MILLIS = 100;

  private final FileChannel channel;

  private BlobLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits for the lock.
   *
   * @param waiting run once if another process holds it
   */
  static BlobLock acquire(Path file, Runnable waiting) throws HubException, InterruptedException {
    try {
      Files.createDirectories(file.getParent());
      FileChannel channel = FileChannel.open(file, CREATE, WRITE);
      try {
        // Released when the channel is closed.
        FileLock lock = channel.tryLock();
        if (lock == null) {
          waiting.run();
        }
        while (lock == null) {
          Thread.sleep(POLL_MILLIS);
          lock = channel.tryLock();
        }
        return new BlobLock(channel);
      } catch (IOException | InterruptedException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw new HubException(
          CACHE,
          "%s cannot be locked (%s); set HF_HUB_CACHE to a folder on a local file system"
              .formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }

  /** Releases the lock. */
  @Override
  public void close() throws HubException {
    try {
      channel.close();
    } catch (IOException e) {
      throw new HubException(CACHE, "a lock cannot be released: " + e.getMessage(), e);
    }
  }
}

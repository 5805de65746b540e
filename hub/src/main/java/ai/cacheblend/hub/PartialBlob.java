package ai.cacheblend.hub;

import static ai.cacheblend.hub.HubException.Reason.BAD_RESPONSE;
import static ai.cacheblend.hub.HubException.Reason.CACHE;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The first bytes of a blob, in a file that outlives the process. Owned by one thread at a time;
 * the owner holds the blob's lock.
 */
final class PartialBlob implements AutoCloseable {

  private static final int BUFFER_BYTES = 1 << 20;

  private final Path file;
  private final RemoteFile remote;
  private final FileChannel channel;
  private MessageDigest digest;
  private final AtomicLong length = new AtomicLong();

  private PartialBlob(Path file, RemoteFile remote, FileChannel channel) {
    this.file = file;
    this.remote = remote;
    this.channel = channel;
    this.digest = remote.blob().digest(remote.size());
  }

  /** Continues what an earlier process left; its bytes are hashed again. */
  static PartialBlob open(Path file, RemoteFile remote) throws HubException {
    try {
      Files.createDirectories(file.getParent());
      PartialBlob partial =
          new PartialBlob(file, remote, FileChannel.open(file, CREATE, READ, WRITE));
      if (partial.channel.size() > remote.size()) {
        partial.restart();
      }
      partial.readExisting();
      return partial;
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  private void readExisting() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    while (channel.read(buffer) >= 0) {
      buffer.flip();
      length.addAndGet(buffer.remaining());
      digest.update(buffer);
      buffer.clear();
    }
  }

  long length() {
    return length.get();
  }

  boolean isComplete() {
    return length.get() == remote.size();
  }

  void append(ByteBuffer content) throws HubException {
    if (length.get() + content.remaining() > remote.size()) {
      restart();
      throw new HubException(
          BAD_RESPONSE,
          "%s is longer than the %d bytes of the file list"
              .formatted(remote.path(), remote.size()));
    }
    ByteBuffer hashed = content.duplicate();
    try {
      while (content.hasRemaining()) {
        length.addAndGet(channel.write(content));
      }
    } catch (IOException e) {
      throw failure(file, e);
    }
    digest.update(hashed);
  }

  /** Drops all bytes. */
  void restart() throws HubException {
    try {
      channel.truncate(0);
    } catch (IOException e) {
      throw failure(file, e);
    }
    digest = remote.blob().digest(remote.size());
    length.set(0);
  }

  /**
   * Makes the file the blob, if it has the blob's hash; otherwise drops its bytes.
   *
   * @return whether it was the blob
   */
  boolean moveTo(Path blob) throws HubException {
    if (!remote.blob().matches(digest)) {
      restart();
      return false;
    }
    try {
      channel.force(true);
      Files.move(file, blob, ATOMIC_MOVE);
      return true;
    } catch (IOException e) {
      throw failure(blob, e);
    }
  }

  @Override
  public void close() throws HubException {
    try {
      channel.close();
    } catch (IOException e) {
      throw failure(file, e);
    }
  }

  static HubException failure(Path file, IOException e) {
    String detail = String.valueOf(e.getMessage());
    return new HubException(
        CACHE,
        "%s cannot be written (%s); check the folder's permissions and free space, or set HF_HUB_CACHE"
            .formatted(
                file, detail.contains(file.toString()) ? e.getClass().getSimpleName() : detail),
        e);
  }
}

package ai.cacheblend.worker.export.weights;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.export.ExportException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Bytes {@code [start, end)} of a file, which hold a tensor.
 *
 * @param tensor its name in the file
 */
public record FileRange(Path file, String tensor, long start, long end) {
  public FileRange {
    requireNonNull(file, "file is null");
    requireNonNull(tensor, "tensor is null");
    checkArgument(0 <= start && start <= end, "tensor %s has bytes %s to %s", tensor, start, end);
  }

  /** Fills the rest of the buffer with the bytes from {@code offset} of the range on. */
  public void read(OpenFiles files, long offset, ByteBuffer into) throws IOException {
    checkArgument(
        0 <= offset && into.remaining() <= end - start - offset,
        "tensor %s has no bytes behind %s",
        tensor,
        offset);
    FileChannel channel = files.channel(file);
    long position = start + offset;
    while (into.hasRemaining()) {
      int read = channel.read(into, position);
      if (read < 0) {
        throw new ExportException(
            "%s ended at byte %d while tensor %s was read, expected %d bytes"
                .formatted(file, position, tensor, end));
      }
      position += read;
    }
  }
}

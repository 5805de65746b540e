package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Reads tensors one after the other through one buffer. The file of the last tensor stays open;
 * opening a stream invalidates the stream before it.
 */
final class SafetensorsReader implements AutoCloseable {

  private static final int BUFFER_BYTES = 1 << 20;

  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private Path openPath;
  private FileChannel channel;

  FloatStream open(Path path, SafetensorsFile.Entry entry) throws IOException {
    if (!path.equals(openPath)) {
      close();
      channel = FileChannel.open(path);
      openPath = path;
    }
    StoredType type = StoredType.ofName(entry.type()).orElseThrow();
    return new EntryStream(entry, type);
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
      openPath = null;
    }
  }

  private final class EntryStream implements FloatStream {

    private final SafetensorsFile.Entry entry;
    private final StoredType type;
    private long position;

    EntryStream(SafetensorsFile.Entry entry, StoredType type) {
      this.entry = entry;
      this.type = type;
      position = entry.start();
    }

    @Override
    public void read(float[] into, int count) throws IOException {
      int perBuffer = BUFFER_BYTES / type.byteCount();
      for (int done = 0; done < count; done += perBuffer) {
        int part = Math.min(perBuffer, count - done);
        fill(part * type.byteCount());
        for (int i = 0; i < part; i++) {
          into[done + i] = type.get(buffer, i);
        }
      }
    }

    private void fill(int byteCount) throws IOException {
      buffer.clear().limit(byteCount);
      while (buffer.hasRemaining()) {
        int read = channel.read(buffer, position);
        if (read < 0) {
          throw new ExportException(
              "%s ended at byte %d while tensor %s was read, expected %d bytes"
                  .formatted(openPath, position, entry.name(), entry.end()));
        }
        position += read;
      }
    }
  }
}

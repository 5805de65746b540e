package ai.cacheblend.worker.export.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The files of a checkpoint that have been read; each is opened once. */
public final class OpenFiles implements AutoCloseable {

  private final Map<Path, FileChannel> channels = new HashMap<>();

  FileChannel channel(Path file) throws IOException {
    FileChannel channel = channels.get(file);
    if (channel == null) {
      channel = FileChannel.open(file);
      channels.put(file, channel);
    }
    return channel;
  }

  @Override
  public void close() throws IOException {
    for (FileChannel channel : channels.values()) {
      channel.close();
    }
    channels.clear();
  }
}

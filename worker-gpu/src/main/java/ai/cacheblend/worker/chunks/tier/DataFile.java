package ai.cacheblend.worker.chunks.tier;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The layers in the file of a chunk. They are read past the page cache (O_DIRECT) where file system
 * and alignment allow it: without a copy, and in blocks that keep a disk busy.
 */
final class DataFile implements AutoCloseable {
  /** Address, offset and length of a direct read are multiples of it. */
  private static final int ALIGNMENT = 4096;

  /** Smaller reads do not reach the rate of a disk. */
  private static final int MIN_READ_BYTES = 1 << 20;

  private final FileChannel channel;
  private final boolean direct;
  private final long offset;
  private final HostKv into;
  private final long byteCount;

  private DataFile(FileChannel channel, boolean direct, long offset, HostKv into) {
    this.channel = channel;
    this.direct = direct;
    this.offset = offset;
    this.into = into;
    this.byteCount = into.form().byteCount();
  }

  /** Whether files in this folder can be read past the page cache. */
  static boolean readsDirectly(Path folder) {
    try {
      return ALIGNMENT % Files.getFileStore(folder).getBlockSize() == 0;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /**
   * @param direct whether the file system allows it
   * @param offset of the first layer in the file
   * @throws NoSuchFileException if the file is absent
   */
  static DataFile open(Path file, boolean direct, long offset, HostKv into) throws IOException {
    if (direct && offset % ALIGNMENT == 0 && into.bytes(0, 1).alignmentOffset(0, ALIGNMENT) == 0) {
      try {
        return new DataFile(
            FileChannel.open(file, StandardOpenOption.READ, ExtendedOpenOption.DIRECT),
            true,
            offset,
            into);
      } catch (NoSuchFileException e) {
        throw e;
      } catch (FileSystemException | UnsupportedOperationException e) {
        // The file system has a block size, but no direct reads.
      }
    }
    return new DataFile(FileChannel.open(file, StandardOpenOption.READ), false, offset, into);
  }

  /** Bytes of the layers that one read fetches. */
  record Block(long begin, long end) {}

  /** Ascending, without gaps. Each ends with a layer, or is a read of the smallest size. */
  List<Block> blocks() {
    long layerByteCount = into.form().layerByteCount();
    List<Block> blocks = new ArrayList<>();
    for (long begin = 0; begin < byteCount; begin = blocks.get(blocks.size() - 1).end()) {
      long layerEnd = (begin / layerByteCount + 1) * layerByteCount;
      long end = Math.min(Math.max(layerEnd, begin + MIN_READ_BYTES), byteCount);
      blocks.add(new Block(begin, direct ? padded(end) : end));
    }
    return blocks;
  }

  /** Reads a block into its place. Thread-safe. */
  void read(Block block) throws IOException {
    ByteBuffer bytes = into.bytes(block.begin(), Math.toIntExact(block.end() - block.begin()));
    while (block.begin() + bytes.position() < Math.min(block.end(), byteCount)) {
      int count = channel.read(bytes, offset + block.begin() + bytes.position());
      if (count < 0) {
        throw new EOFException(
            "the file ends after " + (block.begin() + bytes.position()) + " bytes of layers");
      }
    }
  }

  private static long padded(long byteCount) {
    return (byteCount + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

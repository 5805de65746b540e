package ai.cacheblend.worker.chunks.tier;

import ai.cacheblend.worker.chunks.format.Checksum;
import ai.cacheblend.worker.chunks.format.ChunkDescription;
import ai.cacheblend.worker.chunks.format.ChunkHeader;
import ai.cacheblend.worker.chunks.format.HeaderResult;
import ai.cacheblend.worker.chunks.format.Rejection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;

/** Reads and writes the file of one chunk. */
final class ChunkFile {
  private static final int FIRST_READ_BYTES = 16 << 10;

  /** The disk has the next read while a thread prepares another. */
  private static final int READS_IN_FLIGHT = 2;

  private ChunkFile() {}

  /**
   * Reads layer by layer, and verifies header and layers meanwhile.
   *
   * @param direct see {@link DataFile#open}
   * @param readers read beside this thread as far as they are free
   * @param verifier its threads call {@code layerRead}
   * @return why the file is not the chunk's; empty if all layers were read
   * @throws IOException if the file is absent or cannot be read
   */
  static Optional<Rejection> read(
      Path file,
      boolean direct,
      ChunkDescription chunk,
      HostKv into,
      Executor readers,
      Executor verifier,
      IntConsumer layerRead)
      throws IOException {
    ByteBuffer start;
    long byteCount;
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      start = start(channel);
      byteCount = channel.size();
    }
    LayerChecks checks =
        new LayerChecks(() -> header(start, chunk, byteCount), into, verifier, layerRead);
    int offset = ChunkHeader.byteCount(start).orElse(0); // a header without a size is rejected
    try (DataFile data = DataFile.open(file, direct, offset, into)) {
      BlockReads reads = new BlockReads(data.blocks(), data::read);
      for (int layer = 0; layer < into.form().layerCount(); layer++) {
        checks.add(layer, reads.upTo((layer + 1L) * into.form().layerByteCount()));
      }
      reads.run(READS_IN_FLIGHT, readers, checks::failed);
      return checks.await();
    }
  }

  private static HeaderResult header(ByteBuffer start, ChunkDescription chunk, long byteCount) {
    HeaderResult result = ChunkHeader.decode(start, chunk);
    if (result instanceof ChunkHeader header) {
      Optional<Rejection> wrongSize = header.checkValueSize(byteCount);
      return wrongSize.isPresent() ? wrongSize.get() : header;
    }
    return result;
  }

  /** The header, or what there is of it. */
  private static ByteBuffer start(FileChannel channel) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(FIRST_READ_BYTES);
    fill(channel, start, 0);
    Optional<Integer> byteCount = ChunkHeader.byteCount(start.flip());
    if (byteCount.isEmpty() || byteCount.get() <= start.limit()) {
      return start;
    }
    ByteBuffer whole =
        ByteBuffer.allocate((int) Math.min(byteCount.get(), channel.size())); // at most 16 MiB
    fill(channel, whole, 0);
    return whole.flip();
  }

  /** Until the buffer is full or the file ends. */
  private static void fill(FileChannel channel, ByteBuffer bytes, long offset) throws IOException {
    long position = offset;
    while (bytes.hasRemaining()) {
      int count = channel.read(bytes, position);
      if (count < 0) {
        return;
      }
      position += count;
    }
  }

  /** Writes a file under a temporary name, syncs it, and renames it. */
  static void write(Path file, Path temporary, ChunkDescription chunk, HostKv from)
      throws IOException {
    int[] checksums = new int[from.form().layerCount()];
    for (int layer = 0; layer < checksums.length; layer++) {
      checksums[layer] = Checksum.of(from.layer(layer));
    }
    Files.createDirectories(file.getParent());
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.WRITE,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        writeAll(channel, ByteBuffer.wrap(ChunkHeader.encode(chunk, checksums)));
        for (int layer = 0; layer < checksums.length; layer++) {
          writeAll(channel, from.layer(layer));
        }
        channel.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
        folder.force(true);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}

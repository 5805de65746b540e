package ai.cacheblend.worker.model;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;

/**
 * Compares the weights file with the checksums of the manifest, on threads of its own, so that a
 * session can load the same file meanwhile.
 */
public final class WeightsVerification implements AutoCloseable {

  private static final int BUFFER_BYTES = 1 << 20;

  private final ExecutorService threads;
  private final List<Future<?>> checks = new ArrayList<>();

  private WeightsVerification(int threadCount) {
    checkArgument(threadCount >= 1, "thread count is %s, must be 1 or more", threadCount);
    threads =
        Executors.newFixedThreadPool(
            threadCount,
            new ThreadFactoryBuilder().setNameFormat("verify-weights-%d").setDaemon(true).build());
  }

  /** Starts to verify a model folder. */
  public static WeightsVerification start(
      Path folder, ModelManifest manifest, VerifyMode mode, int threadCount) {
    WeightsVerification verification = new WeightsVerification(threadCount);
    Path file = folder.resolve(ModelManifest.WEIGHTS_FILE);
    for (int i = 0; i < manifest.weights().size(); i++) {
      verification.submit(file, manifest.weights().get(i), manifest.checksums().get(i), mode);
    }
    verification.threads.shutdown();
    return verification;
  }

  private void submit(Path file, WeightBlock block, WeightChecksums checksums, VerifyMode mode) {
    int pieceCount = checksums.pieceCrc32c().size();
    for (int piece = 0; piece < pieceCount; piece++) {
      if (mode.includes(piece, pieceCount)) {
        Piece task = Piece.of(block, checksums, piece);
        checks.add(
            threads.submit(
                () -> {
                  task.verify(file);
                  return null;
                }));
      }
    }
  }

  /**
   * Waits for the result.
   *
   * @throws ModelFormatException naming file and block of the first difference, in file order
   */
  public void await() throws IOException, InterruptedException {
    for (Future<?> check : checks) {
      try {
        check.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof IOException failure) {
          throw failure;
        }
        throw new IllegalStateException("weights were not verified", e.getCause());
      }
    }
  }

  /** Ends early what still runs. */
  @Override
  public void close() {
    threads.shutdownNow();
  }

  /** Bytes {@code [begin, end)} of the file. */
  private record Piece(String block, long begin, long end, String crc32c) {

    static Piece of(WeightBlock block, WeightChecksums checksums, int index) {
      long begin = block.offset() + (long) index * WeightChecksums.PIECE_BYTES;
      return new Piece(
          block.name(),
          begin,
          Math.min(begin + WeightChecksums.PIECE_BYTES, block.end()),
          checksums.pieceCrc32c().get(index));
    }

    void verify(Path file) throws IOException {
      CRC32C actual = new CRC32C();
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
      try (FileChannel channel = FileChannel.open(file)) {
        for (long position = begin; position < end; position += buffer.limit()) {
          buffer.clear().limit((int) Math.min(BUFFER_BYTES, end - position));
          fill(channel, buffer, position, file);
          actual.update(buffer.flip());
        }
      }
      if (!BlockDigest.hex(actual).equals(crc32c)) {
        throw ModelFolder.damaged(
            "%s: block %s is corrupt, bytes %d to %d have CRC-32C %s, expected %s"
                .formatted(file, block, begin, end - 1, BlockDigest.hex(actual), crc32c));
      }
    }

    private static void fill(FileChannel channel, ByteBuffer buffer, long position, Path file)
        throws IOException {
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, position + buffer.position()) < 0) {
          throw ModelFolder.damaged("%s ended while it was verified".formatted(file));
        }
      }
    }
  }
}

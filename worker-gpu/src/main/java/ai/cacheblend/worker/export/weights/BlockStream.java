package ai.cacheblend.worker.export.weights;

import static com.google.common.base.Preconditions.checkArgument;

import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.IntStream;

/** Decodes the blocks of a range from its beginning, on all processors, through one buffer. */
public final class BlockStream implements FloatStream {

  private static final int BUFFER_BYTES = 1 << 18;

  /** Numbers per parallel task. */
  private static final int TASK_ELEMENTS = 1 << 14;

  private final FileRange range;
  private final BlockDecoder decoder;
  private final OpenFiles files;
  private final ByteBuffer buffer;
  private final int bufferBlocks;
  private long offset;

  public BlockStream(FileRange range, BlockDecoder decoder, OpenFiles files) {
    this.range = range;
    this.decoder = decoder;
    this.files = files;
    bufferBlocks = BUFFER_BYTES / decoder.blockBytes();
    buffer =
        ByteBuffer.allocate(bufferBlocks * decoder.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads whole blocks. */
  @Override
  public void read(float[] into, int count) throws IOException {
    checkArgument(
        count % decoder.blockElements() == 0,
        "count is %s, expected a multiple of %s",
        count,
        decoder.blockElements());
    int blocks = count / decoder.blockElements();
    for (int done = 0; done < blocks; done += bufferBlocks) {
      int part = Math.min(bufferBlocks, blocks - done);
      buffer.clear().limit(part * decoder.blockBytes());
      range.read(files, offset, buffer);
      offset += (long) part * decoder.blockBytes();
      decode(part, into, done * decoder.blockElements());
    }
  }

  private void decode(int blocks, float[] into, int at) {
    int taskBlocks = Math.max(1, TASK_ELEMENTS / decoder.blockElements());
    IntStream.range(0, (blocks + taskBlocks - 1) / taskBlocks)
        .parallel()
        .forEach(
            task -> {
              int end = Math.min(blocks, (task + 1) * taskBlocks);
              for (int block = task * taskBlocks; block < end; block++) {
                decoder.decode(
                    buffer,
                    block * decoder.blockBytes(),
                    into,
                    at + block * decoder.blockElements());
              }
            });
  }
}

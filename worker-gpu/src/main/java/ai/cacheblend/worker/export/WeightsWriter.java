package ai.cacheblend.worker.export;

import ai.cacheblend.worker.export.WeightPlan.PlannedBlock;
import ai.cacheblend.worker.export.WeightSource.FloatStream;
import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.ModelDtype;
import ai.cacheblend.worker.model.WeightBlock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Converts and writes the weights piece by piece: memory does not depend on the model's size. */
final class WeightsWriter {

  private static final int PIECE_ELEMENTS = 1 << 18;
  private static final int BLOCK_ELEMENTS = 1 << 14;

  private final float[] values = new float[PIECE_ELEMENTS];
  private final ByteBuffer bytes =
      ByteBuffer.allocateDirect(PIECE_ELEMENTS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final FileChannel channel;
  private final MessageDigest digest;
  private final ExportProgress progress;
  private final long totalBytes;

  /** The digest takes in every weight byte, without the gaps between blocks. */
  WeightsWriter(
      FileChannel channel, MessageDigest digest, long totalBytes, ExportProgress progress) {
    this.channel = channel;
    this.digest = digest;
    this.totalBytes = totalBytes;
    this.progress = progress;
  }

  void write(WeightPlan plan, WeightSource source, ModelConfig config) throws IOException {
    for (PlannedBlock planned : plan.blocks()) {
      WeightBlock block = planned.block();
      channel.position(block.offset());
      if (block.name().equals(WeightNames.ROPE_COS)) {
        writeTable(block, RotationTable.cosines(config));
      } else if (block.name().equals(WeightNames.ROPE_SIN)) {
        writeTable(block, RotationTable.sines(config));
      } else {
        for (TensorSpec tensor : planned.tensors()) {
          FloatStream stream = source.open(tensor);
          write(tensor.name(), tensor.elementCount(), block, stream);
        }
      }
    }
  }

  private void writeTable(WeightBlock block, RotationTable table) throws IOException {
    write(block.name(), block.byteCount() / block.dtype().byteCount(), block, table);
  }

  private void write(String tensor, long elementCount, WeightBlock block, FloatStream stream)
      throws IOException {
    for (long done = 0; done < elementCount; done += PIECE_ELEMENTS) {
      int count = (int) Math.min(PIECE_ELEMENTS, elementCount - done);
      stream.read(values, count);
      encode(tensor, block.dtype(), count);
      digest.update(bytes.duplicate());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      progress.written(block.name(), channel.position(), totalBytes);
    }
  }

  private void encode(String tensor, ModelDtype dtype, int count) throws ExportException {
    bytes.clear().limit(count * dtype.byteCount());
    float limit =
        switch (dtype) {
          case FP32 -> Float.MAX_VALUE;
          case FP16 -> FloatBits.MAX_HALF;
          case BF16 -> FloatBits.MAX_BFLOAT;
        };
    // Pieces are long enough that blocks of them are worth all processors.
    int blocks = (count + BLOCK_ELEMENTS - 1) / BLOCK_ELEMENTS;
    OptionalInt outside =
        IntStream.range(0, blocks)
            .parallel()
            .map(
                block -> {
                  int from = block * BLOCK_ELEMENTS;
                  return encode(dtype, limit, from, Math.min(count, from + BLOCK_ELEMENTS));
                })
            .filter(index -> index >= 0)
            .findFirst();
    if (outside.isPresent()) {
      float value = values[outside.getAsInt()];
      throw new ExportException(
          "tensor %s holds %s, outside of %s: the largest number is %s%s"
              .formatted(
                  tensor,
                  value,
                  dtype.id(),
                  limit,
                  Float.isFinite(value) ? "; choose another --dtype" : ""));
    }
  }

  /** Encodes some of the values; gives the index of the first one outside the limit, or −1. */
  private int encode(ModelDtype dtype, float limit, int from, int to) {
    for (int i = from; i < to; i++) {
      // Also false for NaN.
      if (!(Math.abs(values[i]) <= limit)) {
        return i;
      }
      switch (dtype) {
        case FP32 -> bytes.putFloat(i * 4, values[i]);
        case FP16 -> bytes.putShort(i * 2, FloatBits.toHalf(values[i]));
        case BF16 -> bytes.putShort(i * 2, FloatBits.toBfloat(values[i]));
      }
    }
    return -1;
  }
}

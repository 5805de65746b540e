package ai.cacheblend.worker.export.weights;

import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.ExportProgress;
import ai.cacheblend.worker.export.weights.WeightPlan.PlannedBlock;
import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import ai.cacheblend.worker.model.BlockDigest;
import ai.cacheblend.worker.model.ModelConfig;
import ai.cacheblend.worker.model.WeightBlock;
import ai.cacheblend.worker.model.WeightChecksums;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/** Converts and writes the weights in pieces: memory does not depend on the model's size. */
public final class WeightsWriter {

  private static final int PIECE_ELEMENTS = 1 << 18;

  private final float[] values = new float[PIECE_ELEMENTS];
  private final FloatEncoder encoder = new FloatEncoder(PIECE_ELEMENTS);
  private final FileChannel channel;
  private final ExportProgress progress;

  public WeightsWriter(FileChannel channel, ExportProgress progress) {
    this.channel = channel;
    this.progress = progress;
  }

  /** Writes all blocks; returns their checksums in the plan's order. */
  public List<WeightChecksums> write(WeightPlan plan, WeightSource source, ModelConfig config)
      throws IOException {
    List<WeightChecksums> checksums = new ArrayList<>();
    for (PlannedBlock planned : plan.blocks()) {
      BlockDigest digest = new BlockDigest(planned.block().name());
      channel.position(planned.block().offset());
      write(planned, source, config, digest, plan.byteCount());
      checksums.add(digest.finish());
    }
    return checksums;
  }

  private void write(
      PlannedBlock planned,
      WeightSource source,
      ModelConfig config,
      BlockDigest digest,
      long totalBytes)
      throws IOException {
    WeightBlock block = planned.block();
    if (planned.tensors().isEmpty()) {
      FloatStream table = RotationTable.of(block.name(), config);
      long elementCount = block.byteCount() / block.dtype().byteCount();
      write(block.name(), elementCount, block, table, digest, totalBytes);
    }
    for (TensorSpec tensor : planned.tensors()) {
      FloatStream numbers = source.open(tensor);
      write(tensor.name(), tensor.elementCount(), block, numbers, digest, totalBytes);
    }
  }

  private void write(
      String tensor,
      long elementCount,
      WeightBlock block,
      FloatStream numbers,
      BlockDigest digest,
      long totalBytes)
      throws IOException {
    for (long done = 0; done < elementCount; done += PIECE_ELEMENTS) {
      int count = (int) Math.min(PIECE_ELEMENTS, elementCount - done);
      numbers.read(values, count);
      ByteBuffer bytes = encode(tensor, block, count);
      digest.update(bytes);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      progress.written(block.name(), channel.position(), totalBytes);
    }
  }

  private ByteBuffer encode(String tensor, WeightBlock block, int count) throws ExportException {
    try {
      return encoder.encode(block.dtype(), values, count);
    } catch (FloatEncoder.RangeException e) {
      throw new ExportException("tensor %s holds %s".formatted(tensor, e.getMessage()), e);
    }
  }
}

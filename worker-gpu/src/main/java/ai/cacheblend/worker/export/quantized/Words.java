package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.weights.OpenFiles;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Columns of an int32 matrix of a file. */
final class Words {

  private final SafetensorsTensor tensor;
  private final OpenFiles files;
  private final int columns;

  Words(SafetensorsTensor tensor, OpenFiles files) {
    this.tensor = tensor;
    this.files = files;
    this.columns = Math.toIntExact(tensor.shape().get(tensor.shape().size() - 1));
  }

  /** Words {@code [first, first + count)} of a row. */
  void read(int row, int first, int count, int[] into) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count * 4).order(ByteOrder.LITTLE_ENDIAN);
    tensor.range().read(files, 4 * ((long) row * columns + first), bytes);
    bytes.flip().asIntBuffer().get(into, 0, count);
  }
}

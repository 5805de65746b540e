package ai.cacheblend.worker.export.quantized;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.export.weights.OpenFiles;
import ai.cacheblend.worker.export.weights.RowPanels;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredTensor;
import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * A matrix of 8-bit numbers, of which each block is multiplied by a scale, in fp32.
 *
 * @param scales one per block, row-major
 * @param blockRows rows of a block; the last block may have fewer
 * @param blockColumns the same for columns
 */
record ScaledFloat8Tensor(
    SafetensorsTensor numbers, SafetensorsTensor scales, int blockRows, int blockColumns)
    implements StoredTensor {

  ScaledFloat8Tensor {
    requireNonNull(numbers, "numbers is null");
    requireNonNull(scales, "scales is null");
  }

  @Override
  public Path file() {
    return numbers.file();
  }

  @Override
  public List<Long> shape() {
    return numbers.shape();
  }

  @Override
  public FloatStream open(OpenFiles files) throws IOException {
    int columns = Math.toIntExact(shape().get(1));
    int rows = Math.toIntExact(shape().get(0));
    int blocksPerRow = (columns + blockColumns - 1) / blockColumns;
    float[] factors = new float[(rows + blockRows - 1) / blockRows * blocksPerRow];
    scales.open(files).read(factors, factors.length);
    float[] table = Float8.ofName(numbers.type()).orElseThrow().numbers();
    ByteBuffer bytes = ByteBuffer.allocate(columns);
    return new RowPanels(
        rows,
        columns,
        1,
        (first, count, into) -> {
          for (int row = 0; row < count; row++) {
            numbers.range().read(files, (long) (first + row) * columns, bytes.clear());
            int block = (first + row) / blockRows * blocksPerRow;
            for (int column = 0; column < columns; column++) {
              into[row * columns + column] =
                  table[bytes.get(column) & 255] * factors[block + column / blockColumns];
            }
          }
        });
  }
}

package ai.cacheblend.worker.export.adapter;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.export.weights.OpenFiles;
import ai.cacheblend.worker.export.weights.RowPanels;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredTensor;
import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A weight with scale · B · A added. A product is summed in double precision and added in fp32.
 *
 * @param base [outputs, inputs]
 * @param down A, [rank, inputs]; held in memory while the weight is read
 * @param up B, [outputs, rank]
 */
record LoraTensor(StoredTensor base, SafetensorsTensor down, SafetensorsTensor up, double scale)
    implements StoredTensor {

  LoraTensor {
    requireNonNull(base, "base is null");
    requireNonNull(down, "down is null");
    requireNonNull(up, "up is null");
  }

  @Override
  public Path file() {
    return base.file();
  }

  @Override
  public List<Long> shape() {
    return base.shape();
  }

  @Override
  public Optional<String> defect() {
    return base.defect();
  }

  @Override
  public FloatStream open(OpenFiles files) throws IOException {
    int rank = Math.toIntExact(down.shape().get(0));
    int inputs = Math.toIntExact(down.shape().get(1));
    float[] matrix = new float[Math.multiplyExact(rank, inputs)];
    down.open(files).read(matrix, matrix.length);
    Rows rows = new Rows(base.open(files), up.open(files), matrix, rank, inputs);
    return new RowPanels(Math.toIntExact(up.shape().get(0)), inputs, 1, rows::merge);
  }

  private final class Rows {
    private final FloatStream weights;
    private final FloatStream ups;
    private final float[] matrix;
    private final float[] factors;
    private final float[] row;
    private final double[] product;

    Rows(FloatStream weights, FloatStream ups, float[] matrix, int rank, int inputs) {
      this.weights = weights;
      this.ups = ups;
      this.matrix = matrix;
      this.factors = new float[rank];
      this.row = new float[inputs];
      this.product = new double[inputs];
    }

    void merge(int first, int count, float[] into) throws IOException {
      for (int at = 0; at < count * row.length; at += row.length) {
        nextRow();
        System.arraycopy(row, 0, into, at, row.length);
      }
    }

    private void nextRow() throws IOException {
      weights.read(row, row.length);
      ups.read(factors, factors.length);
      Arrays.fill(product, 0);
      for (int r = 0; r < factors.length; r++) {
        double factor = factors[r];
        for (int i = 0; i < row.length; i++) {
          product[i] += factor * matrix[r * row.length + i];
        }
      }
      for (int i = 0; i < row.length; i++) {
        row[i] += (float) (scale * product[i]);
      }
    }
  }
}

package ai.cacheblend.worker.export.quantized;

import static java.util.Objects.requireNonNull;

import ai.cacheblend.worker.export.weights.OpenFiles;
import ai.cacheblend.worker.export.weights.RowPanels;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredTensor;
import ai.cacheblend.worker.export.weights.WeightSource.FloatStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A linear layer of integers with outputs as rows: weight = scale · (q − zero), in fp32.
 *
 * @param quants int32 words with q, inputs packed
 * @param scales [outputs, groups]
 * @param zeros int32 words with the zeros, outputs packed [outputs / words, groups]; empty: half of
 *     the range of q
 */
record PackedRowsTensor(
    SafetensorsTensor quants,
    SafetensorsTensor scales,
    Optional<SafetensorsTensor> zeros,
    Packing packing,
    GroupIndex groups)
    implements StoredTensor {

  PackedRowsTensor {
    requireNonNull(quants, "quants is null");
    requireNonNull(scales, "scales is null");
    requireNonNull(zeros, "zeros is null");
    requireNonNull(packing, "packing is null");
    requireNonNull(groups, "groups is null");
  }

  @Override
  public Path file() {
    return quants.file();
  }

  @Override
  public List<Long> shape() {
    return List.of(quants.shape().get(0), (long) groups.inputs());
  }

  @Override
  public FloatStream open(OpenFiles files) throws IOException {
    int[] groupOfInput = groups.read(files);
    Words quantWords = new Words(quants, files);
    Optional<Words> zeroWords = zeros.map(tensor -> new Words(tensor, files));
    FloatStream scaleRows = scales.open(files);
    int[] words = new int[groups.inputs() / packing.perWord()];
    float[] rowScales = new float[groups.count()];
    int[] rowZeros = new int[groups.count()];
    return new RowPanels(
        Math.toIntExact(quants.shape().get(0)),
        groups.inputs(),
        1,
        (first, count, into) -> {
          for (int row = first; row < first + count; row++) {
            quantWords.read(row, 0, words.length, words);
            scaleRows.read(rowScales, rowScales.length);
            readZeros(zeroWords, row, rowZeros);
            for (int input = 0; input < groups.inputs(); input++) {
              int group = groupOfInput[input];
              int quant = packing.number(words[input / packing.perWord()], input);
              into[(row - first) * groups.inputs() + input] =
                  rowScales[group] * (quant - rowZeros[group]);
            }
          }
        });
  }

  private void readZeros(Optional<Words> words, int row, int[] into) throws IOException {
    if (words.isPresent()) {
      words.get().read(row / packing.perWord(), 0, into.length, into);
    }
    for (int group = 0; group < into.length; group++) {
      into[group] = words.isPresent() ? packing.zero(into[group], row) : packing.middle();
    }
  }
}

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

/**
 * A linear layer of integers of a few bits: weight = scale · (q − zero), in fp32, which holds the
 * product of a half-precision scale exactly. The files have inputs as rows and outputs as columns.
 *
 * @param quants int32 words with q
 * @param zeros int32 words with the zeros of groups [groups, outputs / words], outputs packed
 * @param scales [groups, outputs]
 * @param packing where numbers stand in the words
 * @param groups the group of each input
 */
record PackedTensor(
    SafetensorsTensor quants,
    SafetensorsTensor zeros,
    SafetensorsTensor scales,
    Packing packing,
    int outputs,
    GroupIndex groups)
    implements StoredTensor {

  PackedTensor {
    requireNonNull(quants, "quants is null");
    requireNonNull(zeros, "zeros is null");
    requireNonNull(scales, "scales is null");
    requireNonNull(packing, "packing is null");
    requireNonNull(groups, "groups is null");
  }

  @Override
  public Path file() {
    return quants.file();
  }

  @Override
  public List<Long> shape() {
    return List.of((long) outputs, (long) groups.inputs());
  }

  @Override
  public FloatStream open(OpenFiles files) throws IOException {
    Panel panel = new Panel(files, groups.read(files));
    return new RowPanels(outputs, groups.inputs(), packing.perWord(), panel::decode);
  }

  /** Decodes some outputs for all inputs. */
  private final class Panel {
    private final Words quantWords;
    private final GroupPanel groupPanel;
    private final int[] groupOfInput;

    Panel(OpenFiles files, int[] groupOfInput) {
      quantWords = new Words(quants, files);
      groupPanel = new GroupPanel(scales, zeros, packing, files);
      this.groupOfInput = groupOfInput;
    }

    void decode(int first, int count, float[] into) throws IOException {
      groupPanel.read(first, count);
      int wordCount = packing.packsInputs() ? count : count / packing.perWord();
      int firstWord = packing.packsInputs() ? first : first / packing.perWord();
      int[] words = new int[wordCount];
      int inputs = groups.inputs();
      for (int input = 0; input < inputs; input++) {
        if (!packing.packsInputs()) {
          quantWords.read(input, firstWord, wordCount, words);
        } else if (input % packing.perWord() == 0) {
          quantWords.read(input / packing.perWord(), firstWord, wordCount, words);
        }
        int group = groupOfInput[input];
        for (int i = 0; i < count; i++) {
          int quant =
              packing.packsInputs()
                  ? packing.number(words[i], input)
                  : packing.number(words[i / packing.perWord()], i);
          into[i * inputs + input] =
              groupPanel.scale(group, i) * (quant - groupPanel.zero(group, i));
        }
      }
    }
  }
}

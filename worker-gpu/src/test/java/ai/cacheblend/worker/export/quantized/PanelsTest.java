package ai.cacheblend.worker.export.quantized;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.export.weights.FileRange;
import ai.cacheblend.worker.export.weights.OpenFiles;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntBinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Matrices that are decoded in more than one panel. */
final class PanelsTest {

  private static final int OUTPUTS = 24;
  private static final int INPUTS = 1 << 17;
  private static final Packing NIBBLES = new Packing(4, true, false, 0);

  @TempDir Path folder;

  /** A tensor of the elements {@code of(row, column)}, each of some bytes. */
  private SafetensorsTensor tensor(
      String name, String type, int width, int rows, int columns, IntBinaryOperator of)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(rows * columns * width).order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int value = of.applyAsInt(row, column);
        if (width == 4) {
          bytes.putInt(value);
        } else {
          bytes.put((byte) value);
        }
      }
    }
    Path file = Files.write(folder.resolve(name), bytes.array());
    return new SafetensorsTensor(
        new FileRange(file, name, 0, bytes.capacity()), type, List.of((long) rows, (long) columns));
  }

  /** Scales 1, 2, 3, … row by row. */
  private SafetensorsTensor scales(int rows, int columns) throws IOException {
    return tensor(
        "scales",
        "F32",
        4,
        rows,
        columns,
        (row, column) -> Float.floatToRawIntBits(1 + row * columns + column));
  }

  /** Eight numbers of four bits in a word. */
  private static int word(IntBinaryOperator of, int row, int column, boolean alongRows) {
    int word = 0;
    for (int i = 0; i < 8; i++) {
      word |=
          (alongRows ? of.applyAsInt(row * 8 + i, column) : of.applyAsInt(row, column * 8 + i))
              << (4 * i);
    }
    return word;
  }

  private static int quant(int output, int input) {
    return (5 * output + 3 * input + input / 1000) % 16;
  }

  private interface Expected {
    float at(int output, int input);
  }

  private static void check(StoredTensor tensor, Expected expected) throws IOException {
    float[] numbers = new float[OUTPUTS * INPUTS];
    try (OpenFiles files = new OpenFiles()) {
      // In parts that end within rows and within panels.
      float[] part = new float[99_991];
      var stream = tensor.open(files);
      for (int done = 0; done < numbers.length; ) {
        int count = Math.min(part.length, numbers.length - done);
        stream.read(part, count);
        System.arraycopy(part, 0, numbers, done, count);
        done += count;
      }
    }
    int wrong = 0;
    for (int i = 0; i < numbers.length; i++) {
      wrong += numbers[i] == expected.at(i / INPUTS, i % INPUTS) ? 0 : 1;
    }
    assertThat(wrong).isZero();
  }

  /** 0x3c and 0x40 are 1 and 2 in F8_E5M2. */
  @Test
  void scalesBlocksOfFloats() throws IOException {
    int blockRows = 7;
    int blockColumns = 50_000;
    SafetensorsTensor numbers =
        tensor(
            "numbers",
            "F8_E5M2",
            1,
            OUTPUTS,
            INPUTS,
            (row, column) -> (row + column) % 3 == 0 ? 0x3c : 0x40);
    check(
        new ScaledFloat8Tensor(numbers, scales(4, 3), blockRows, blockColumns),
        (output, input) ->
            ((output + input) % 3 == 0 ? 1 : 2)
                * (1 + output / blockRows * 3 + input / blockColumns));
  }

  @Test
  void decodesWordsOfInputsWithInputsAsRows() throws IOException {
    decodesInputsAsRows(
        NIBBLES,
        tensor(
            "quants",
            "I32",
            4,
            INPUTS / 8,
            OUTPUTS,
            (row, column) -> word((i, o) -> quant(o, i), row, column, true)));
  }

  @Test
  void decodesWordsOfOutputsWithInputsAsRows() throws IOException {
    decodesInputsAsRows(
        new Packing(4, false, false, 0),
        tensor(
            "quants",
            "I32",
            4,
            INPUTS,
            OUTPUTS / 8,
            (row, column) -> word((i, o) -> quant(o, i), row, column, false)));
  }

  private void decodesInputsAsRows(Packing packing, SafetensorsTensor quants) throws IOException {
    int groupSize = INPUTS / 2;
    SafetensorsTensor zeros =
        tensor(
            "zeros",
            "I32",
            4,
            2,
            OUTPUTS / 8,
            (row, column) -> word((group, output) -> (group + output) % 16, row, column, false));
    check(
        new PackedTensor(
            quants,
            zeros,
            scales(2, OUTPUTS),
            packing,
            OUTPUTS,
            GroupIndex.of(Optional.empty(), INPUTS, groupSize)),
        (output, input) -> {
          int group = input / groupSize;
          return (1 + group * OUTPUTS + output) * (quant(output, input) - (group + output) % 16);
        });
  }

  @Test
  void decodesWordsOfInputsWithOutputsAsRows() throws IOException {
    int groupSize = INPUTS / 2;
    SafetensorsTensor quants =
        tensor(
            "quants",
            "I32",
            4,
            OUTPUTS,
            INPUTS / 8,
            (row, column) -> word(PanelsTest::quant, row, column, false));
    SafetensorsTensor zeros =
        tensor(
            "zeros",
            "I32",
            4,
            OUTPUTS / 8,
            2,
            (row, column) -> word((output, group) -> (group + output) % 16, row, column, true));
    check(
        new PackedRowsTensor(
            quants,
            scales(OUTPUTS, 2),
            Optional.of(zeros),
            NIBBLES,
            GroupIndex.of(Optional.empty(), INPUTS, groupSize)),
        (output, input) -> {
          int group = input / groupSize;
          return (1 + output * 2 + group) * (quant(output, input) - (group + output) % 16);
        });
  }
}

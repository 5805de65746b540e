package ai.cacheblend.worker.export.quantized;

import ai.cacheblend.worker.export.weights.BlockDecoder;
import ai.cacheblend.worker.export.weights.OpenFiles;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.export.weights.StoredType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Scales and zeros of all groups, for some outputs. */
final class GroupPanel {

  private final SafetensorsTensor scaleTensor;
  private final Words zeroWords;
  private final Packing packing;
  private final OpenFiles files;
  private final int groupCount;
  private final int outputs;
  private int count;
  private float[] scales = {};
  private int[] zeros = {};

  GroupPanel(SafetensorsTensor scales, SafetensorsTensor zeros, Packing packing, OpenFiles files) {
    this.scaleTensor = scales;
    this.zeroWords = new Words(zeros, files);
    this.packing = packing;
    this.files = files;
    this.groupCount = Math.toIntExact(scales.shape().get(0));
    this.outputs = Math.toIntExact(scales.shape().get(1));
  }

  /** Reads those of the outputs {@code [first, first + count)}. */
  void read(int first, int newCount) throws IOException {
    count = newCount;
    scales = new float[groupCount * count];
    zeros = new int[groupCount * count];
    BlockDecoder type = StoredType.ofName(scaleTensor.type()).orElseThrow();
    int width = type.blockBytes();
    ByteBuffer bytes = ByteBuffer.allocate(count * width).order(ByteOrder.LITTLE_ENDIAN);
    int[] words = new int[count / packing.perWord()];
    for (int group = 0; group < groupCount; group++) {
      bytes.clear();
      scaleTensor.range().read(files, ((long) group * outputs + first) * width, bytes);
      zeroWords.read(group, first / packing.perWord(), words.length, words);
      for (int i = 0; i < count; i++) {
        type.decode(bytes, i * width, scales, group * count + i);
        zeros[group * count + i] = packing.zero(words[i / packing.perWord()], i);
      }
    }
  }

  float scale(int group, int output) {
    return scales[group * count + output];
  }

  int zero(int group, int output) {
    return zeros[group * count + output];
  }
}

package ai.cacheblend.worker.export.quantized;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Where numbers of a few bits stand in int32 words.
 *
 * @param bits of a number; a divisor of 32
 * @param packsInputs whether a word has a number of each of several inputs, or of several outputs
 * @param interleaved whether even numbers come before odd ones, as in AWQ
 * @param zeroOffset what is added to stored zeros
 */
record Packing(int bits, boolean packsInputs, boolean interleaved, int zeroOffset) {
  Packing {
    checkArgument(bits > 0 && 32 % bits == 0, "bits is %s", bits);
  }

  int perWord() {
    return 32 / bits;
  }

  /** Number {@code index % perWord} of a word. */
  int number(int word, int index) {
    int inWord = index % perWord();
    int place = interleaved ? inWord / 2 + inWord % 2 * (perWord() / 2) : inWord;
    return word >>> (place * bits) & mask();
  }

  /** The same for zeros. */
  int zero(int word, int index) {
    return number(word, index) + zeroOffset & mask();
  }

  /** The number that stands for 0 where there are no zeros. */
  int middle() {
    return 1 << (bits - 1);
  }

  private int mask() {
    return (1 << bits) - 1;
  }
}
